-- id: Berapa lama dari laporan diterima sampai tersimpan dan bisa ditanyakan?
-- en: How long from a report's arrival in Kafka until it is stored, in milliseconds?
-- param seconds = 300: reports received within this many seconds
SELECT
    count() AS reports,
    quantile(0.5)(waited) AS p50_ms,
    quantile(0.99)(waited) AS p99_ms,
    max(waited) AS max_ms
FROM
(
    SELECT toUnixTimestamp64Milli(stored_at) - toUnixTimestamp64Milli(received_at) AS waited
    FROM posko.reports
    WHERE received_at > now64(3) - toIntervalSecond({seconds:UInt32})
)
