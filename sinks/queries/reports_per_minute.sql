-- id: Berapa laporan masuk tiap menit, menurut kategori?
-- en: How many reports arrive each minute, by category?
-- param minutes = 180: how far back
-- param regency = '': only this kabupaten/kota (code); empty for all
SELECT minute, category, sum(reports) AS reports
FROM posko.reports_by_minute
WHERE minute > now() - toIntervalMinute({minutes:UInt32}) AND ({regency:String} = '' OR regency = {regency:String})
GROUP BY minute, category
ORDER BY minute, category
