-- id: Berapa yang terbuka, kritis, belum ditangani, lewat tenggat dalam kategori ini?
-- en: One category in figures: open, critical, held by nobody, overdue, confirmed, refuted, opened this hour and the change against the hour before?
SELECT
    countIf(is_open) AS open,
    countIf(is_open AND severity >= 4) AS critical,
    countIf(waits) AS unheld,
    countIf(is_open AND (resolve_due < now64(3) OR (waits AND ack_due < now64(3)))) AS overdue,
    countIf(confidence IN ('verified', 'corroborated')) AS confirmed,
    countIf(status = 'rejected') AS refuted,
    countIf(status = 'resolved') AS resolved,
    countIf(opened_at > now64(3) - INTERVAL 1 HOUR) AS opened_hour,
    toInt64(opened_hour) - toInt64(countIf(opened_at BETWEEN now64(3) - INTERVAL 2 HOUR AND now64(3) - INTERVAL 1 HOUR)) AS change,
    count() AS incidents
FROM
(
    SELECT
        severity, opened_at, resolve_due, ack_due, confidence, status,
        status NOT IN ('resolved', 'rejected') AS is_open,
        status IN ('new', 'reopened') AS waits
    FROM posko.incidents
    WHERE category = '${kategori:raw}' AND merged_into = '' AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
)
