-- id: Kabupaten/kota mana paling berat, dan apakah membaik?
-- en: How is each kabupaten/kota: critical, open, held by nobody, overdue, opened this hour and the change against the hour before?
SELECT place.code AS code, place.name AS name, critical, open, unheld, overdue, opened_hour, change
FROM (SELECT code, replaceOne(name, 'Kabupaten ', 'Kab. ') AS name FROM posko.regions WHERE level = 'regency') AS place
LEFT JOIN
(
    SELECT
        regency AS code,
        countIf(is_open AND severity >= 4) AS critical,
        countIf(is_open) AS open,
        countIf(waits) AS unheld,
        countIf(is_open AND (resolve_due < now64(3) OR (waits AND ack_due < now64(3)))) AS overdue,
        countIf(opened_at > now64(3) - INTERVAL 1 HOUR) AS opened_hour,
        toInt64(opened_hour) - toInt64(countIf(opened_at BETWEEN now64(3) - INTERVAL 2 HOUR AND now64(3) - INTERVAL 1 HOUR)) AS change
    FROM
    (
        SELECT
            regency, severity, opened_at, resolve_due, ack_due,
            status NOT IN ('resolved', 'rejected') AS is_open,
            status IN ('new', 'reopened') AS waits
        FROM posko.incidents
    )
    GROUP BY regency
) AS incidents USING (code)
ORDER BY critical DESC, open DESC, code
