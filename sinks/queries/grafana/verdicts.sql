-- id: Sudah diputus?
-- en: How many incidents of one category are waiting, taken on, confirmed, rejected, resolved?
SELECT
    transform(toString(status), ['new', 'acknowledged', 'verified', 'rejected', 'resolved', 'reopened'],
        ['Belum ditangani', 'Sedang diperiksa', 'Terbukti', 'Tidak terbukti', 'Selesai', 'Dibuka lagi'], toString(status)) AS name,
    count() AS incidents
FROM posko.incidents
WHERE category = '${kategori:raw}' AND merged_into = '' AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
GROUP BY status
ORDER BY incidents DESC, name
