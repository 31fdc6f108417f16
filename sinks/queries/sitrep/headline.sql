-- id: Berapa yang terbuka, baru, ditutup, terlewat, dan dilaporkan, dibandingkan waktu yang sama lamanya sebelumnya?
-- en: How much is open, new, closed, missed and reported, against the same length of time before?
-- Steps never change, so the same step stored twice is dropped here (DISTINCT) instead of by FINAL. Severity then: as it is known now.
WITH
    $__fromTime AS since,
    toDateTime(2 * toUnixTimestamp(since) - toUnixTimestamp($__toTime)) AS before,
    chosen AS
    (
        SELECT incident_id, severity, opened_at, status NOT IN ('resolved', 'rejected') AS is_open
        FROM posko.incidents
        WHERE merged_into = '' AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
    ),
    steps AS
    (
        SELECT
            incident_id,
            argMaxIf(action, seq, at < since AND action IN ('opened', 'resolve', 'reject', 'reopen')) IN ('opened', 'reopen') AS was_open,
            countIf(at >= since AND action IN ('resolve', 'reject')) AS closed,
            countIf(at >= before AND at < since AND action IN ('resolve', 'reject')) AS closed_before,
            countIf(at >= since AND action IN ('escalate', 'overdue') AND cause != '') AS missed,
            countIf(at >= before AND at < since AND action IN ('escalate', 'overdue') AND cause != '') AS missed_before
        FROM
        (
            SELECT DISTINCT incident_id, seq, at, action, cause
            FROM posko.incident_log_rows
            WHERE at <= $__toTime AND action IN ('opened', 'resolve', 'reject', 'reopen', 'escalate', 'overdue')
        )
        GROUP BY incident_id
    ),
    (
        SELECT (countIf(received_at >= since), countIf(received_at < since))
        FROM posko.reports
        WHERE received_at >= before AND received_at <= $__toTime AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
    ) AS told
SELECT
    countIf(is_open) AS open, countIf(was_open) AS open_before,
    countIf(is_open AND severity >= 4) AS critical, countIf(was_open AND severity >= 4) AS critical_before,
    countIf(opened_at >= since) AS opened, countIf(opened_at >= before AND opened_at < since) AS opened_before,
    sum(steps.closed) AS closed, sum(steps.closed_before) AS closed_before,
    sum(steps.missed) AS missed, sum(steps.missed_before) AS missed_before,
    told.1 AS reports, told.2 AS reports_before
FROM chosen LEFT JOIN steps USING (incident_id)
