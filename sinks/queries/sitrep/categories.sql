-- id: Bagaimana tiap kategori?
-- en: How is each category: opened in this time and in the time before, open, critical, past a deadline?
WITH $__fromTime AS since, toDateTime(2 * toUnixTimestamp(since) - toUnixTimestamp($__toTime)) AS before
SELECT
    category, countIf(opened_at >= since) AS opened, countIf(opened_at >= before AND opened_at < since) AS opened_before,
    countIf(is_open) AS open, countIf(is_open AND severity >= 4) AS critical, countIf(is_open AND late) AS overdue
FROM
(
    SELECT
        category, opened_at, severity, status NOT IN ('resolved', 'rejected') AS is_open,
        ifNull(resolve_due < now64(3), false) OR (status IN ('new', 'reopened') AND ifNull(ack_due < now64(3), false)) AS late
    FROM posko.incidents
    WHERE merged_into = '' AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
)
GROUP BY category
ORDER BY critical DESC, open DESC, category
