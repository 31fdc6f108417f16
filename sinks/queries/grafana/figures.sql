-- id: Berapa insiden terbuka, kritis, belum ditangani, dan lewat tenggat?
-- en: How many incidents are open, critical, held by nobody, past a deadline, and how many were opened this hour and the hour before?
SELECT
    countIf(is_open) AS open,
    countIf(is_open AND severity >= 4) AS critical,
    countIf(waits AND severity >= 4) AS critical_unheld,
    countIf(waits) AS unheld,
    countIf(is_open AND (resolve_due < now64(3) OR (waits AND ack_due < now64(3)))) AS overdue,
    countIf(is_open AND next_due BETWEEN now64(3) AND now64(3) + INTERVAL 15 MINUTE) AS at_risk,
    countIf(opened_at > now64(3) - INTERVAL 1 HOUR) AS opened_hour,
    countIf(opened_at BETWEEN now64(3) - INTERVAL 2 HOUR AND now64(3) - INTERVAL 1 HOUR) AS opened_before,
    opened_hour - opened_before AS change,
    count() AS incidents
FROM
(
    SELECT
        severity, opened_at, resolve_due, ack_due,
        status NOT IN ('resolved', 'rejected') AS is_open,
        status IN ('new', 'reopened') AS waits,
        if(waits, least(ack_due, resolve_due), resolve_due) AS next_due
    FROM posko.incidents
    WHERE $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
)
