-- id: Lembaga mana yang melapor?
-- en: Which institutions report about one category, in the time chosen?
SELECT institution, count() AS reports
FROM posko.reports
WHERE $__timeFilter(received_at) AND category = '${kategori:raw}' AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
GROUP BY institution
ORDER BY reports DESC, institution
