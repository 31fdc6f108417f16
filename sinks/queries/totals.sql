-- id: Berapa laporan, insiden, kiriman ulang, dan pesan yang ditolak sampai sekarang?
-- en: How many reports, incidents, resends and rejected messages are there so far?
SELECT
    (SELECT sum(reports) FROM posko.reports_by_hour) AS reports,
    count() AS incidents,
    countIf(status NOT IN ('resolved', 'rejected')) AS open,
    (SELECT count() FROM posko.resends) AS resends,
    (SELECT count() FROM posko.rejected) AS rejected
FROM posko.incidents
