"""The embedded ClickHouse: chDB on disk behind ClickHouse's HTTP protocol, in a process of its own (`posko engine`).

`server` speaks HTTP, `request` reads what a client asks, `gate` decides whether it may, `lanes` gives it a thread,
`handle` runs it in chDB, `answer` sends the result.
Clients written for a ClickHouse server work unmodified: see docs/engine.md.
"""
