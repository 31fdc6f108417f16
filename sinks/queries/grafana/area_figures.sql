-- id: Bagaimana wilayah ini sekarang?
-- en: The chosen area in figures: open, critical, held by nobody, overdue, polling stations with open incidents?
SELECT
    countIf(is_open) AS open, countIf(is_open AND severity >= 4) AS critical, countIf(waits) AS unheld,
    countIf(is_open AND (resolve_due < now64(3) OR (waits AND ack_due < now64(3)))) AS overdue,
    uniqExactIf(tps, is_open AND tps != '') AS stations, countIf(status = 'resolved') AS resolved
FROM
(
    SELECT severity, resolve_due, ack_due, status, tps, status NOT IN ('resolved', 'rejected') AS is_open, status IN ('new', 'reopened') AS waits
    FROM posko.incidents
    WHERE $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten) AND $__conditionalAll(district IN (${kecamatan:singlequote}), $kecamatan)
)
