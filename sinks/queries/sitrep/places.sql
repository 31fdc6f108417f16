-- id: Wilayah mana yang terberat?
-- en: Which regions are the worst: critical, open, past a deadline, opened in this time and in the time before?
WITH $__fromTime AS since, toDateTime(2 * toUnixTimestamp(since) - toUnixTimestamp($__toTime)) AS before
SELECT place.name AS name, critical, open, overdue, opened, opened_before
FROM
(
    SELECT
        substring(if(district != '', district, regency), 1, ${digits:raw}) AS code,
        countIf(opened_at >= since) AS opened, countIf(opened_at >= before AND opened_at < since) AS opened_before,
        countIf(is_open) AS open, countIf(is_open AND severity >= 4) AS critical, countIf(is_open AND late) AS overdue
    FROM
    (
        SELECT
            regency, district, opened_at, severity, status NOT IN ('resolved', 'rejected') AS is_open,
            ifNull(resolve_due < now64(3), false) OR (status IN ('new', 'reopened') AND ifNull(ack_due < now64(3), false)) AS late
        FROM posko.incidents
        WHERE merged_into = '' AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
    )
    GROUP BY code
) AS counted
INNER JOIN (SELECT code, replaceOne(name, 'Kabupaten ', 'Kab. ') AS name FROM posko.regions) AS place USING (code)
ORDER BY critical DESC, open DESC, code
LIMIT 17
