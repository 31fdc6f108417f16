-- id: Apakah data terlambat tersimpan?
-- en: Seconds: how long nearly all reports of the last two minutes took; or how long nothing was stored though a report a minute was usual in the half hour before?
WITH
    (SELECT max(at) FROM posko.pipeline WHERE outcome = 'matched' AND at > now() - INTERVAL 1 HOUR) AS latest
SELECT
    'jalur data' AS bagian,
    greatest(
        (SELECT ifNotFinite(quantileExactWeighted(0.99)(most_ms, counted.reports) / 1000, 0) FROM posko.pipeline AS counted
            WHERE outcome = 'matched' AND hop = 'since_received' AND at > now() - INTERVAL 2 MINUTE),
        if((SELECT sum(counted.reports) FROM posko.pipeline AS counted
            WHERE outcome = 'matched' AND hop = 'since_received' AND at > now() - INTERVAL 1 HOUR AND at > latest - INTERVAL 30 MINUTE) >= 30,
            toFloat64(dateDiff('second', latest, now())), 0)
    ) AS value
