-- id: Berapa laporan, kiriman ulang, dan pesan ditolak?
-- en: How many reports, resends and rejected messages in the time chosen?
SELECT
    (SELECT sum(reports) FROM posko.reports_by_minute WHERE $__timeFilter(minute)) AS reports,
    (SELECT count() FROM posko.resends_rows FINAL WHERE $__timeFilter(received_at)) AS resends,
    (SELECT count() FROM posko.rejected WHERE $__timeFilter(received_at)) AS rejected,
    round(100 * rejected / greatest(1, reports + resends + rejected), 2) AS rejected_percent
