-- id: Berapa laporan, insiden, kiriman ulang, dan pesan yang ditolak sampai sekarang?
-- en: How many reports, incidents, resends and rejected messages are there so far?
SELECT
    (SELECT count() FROM posko.reports) AS reports,
    (SELECT count() FROM posko.incidents) AS incidents,
    (SELECT count() FROM posko.incidents WHERE status NOT IN ('resolved', 'rejected')) AS open,
    (SELECT count() FROM posko.resends) AS resends,
    (SELECT count() FROM posko.rejected) AS rejected
