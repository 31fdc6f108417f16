-- id: Masalah apa yang terbanyak?
-- en: Which kinds of one category are open, how many each?
SELECT kind, countIf(status NOT IN ('resolved', 'rejected')) AS open
FROM posko.incidents
WHERE category = '${kategori:raw}' AND kind != '' AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
GROUP BY kind
HAVING open > 0
ORDER BY open DESC, kind
LIMIT 12
