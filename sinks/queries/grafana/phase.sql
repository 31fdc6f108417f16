-- id: Fase apa sekarang, dan apa berikutnya?
-- en: Which phase of the election is it by the clock, and what comes next? Outside the calendar: the phase of the newest incidents.
WITH
    [${fase:raw}] AS phases,
    arrayFirst(one -> now() >= one.3 AND now() < one.4, phases) AS current,
    arrayFirst(one -> one.3 > now(), phases) AS next,
    (SELECT argMax(phase, opened_at) FROM posko.incidents_rows WHERE opened_at > now64(3) - INTERVAL 1 DAY) AS lately,
    arrayFirst(one -> one.1 = lately, phases) AS reported
SELECT
    multiIf(current.1 != '', current.2, reported.1 != '', concat(reported.2, ' (menurut laporan)'), next.1 != '', 'Persiapan', 'Selesai')
        AS phase,
    multiIf(
        current.1 != '', concat('berakhir ', formatDateTime(toDateTime(current.4), '%d/%m %H:%i', '${zona:raw}')),
        next.1 != '', concat(next.2, ' mulai ', formatDateTime(toDateTime(next.3), '%d/%m %H:%i', '${zona:raw}')),
        'di luar jadwal tahapan'
    ) AS then,
    toInt64(multiIf(current.1 != '', current.4 - toUnixTimestamp(now()), next.1 != '', next.3 - toUnixTimestamp(now()), 0)) AS seconds_left
