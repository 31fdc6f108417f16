-- id: Kabupaten/kota mana paling banyak, dan sejauh mana penanganannya?
-- en: One category in each kabupaten/kota: open, held by nobody, confirmed, refuted, all?
SELECT
    place.name AS name, countIf(status NOT IN ('resolved', 'rejected')) AS open, countIf(status IN ('new', 'reopened')) AS unheld,
    countIf(status = 'verified') AS confirmed, countIf(status = 'rejected') AS refuted, countIf(status = 'resolved') AS resolved,
    count() AS incidents, code
FROM (SELECT regency AS code, status FROM posko.incidents WHERE category = '${kategori:raw}' AND merged_into = '') AS incidents
INNER JOIN (SELECT code, name FROM posko.regions WHERE level = 'regency') AS place USING (code)
GROUP BY code, name
ORDER BY open DESC, incidents DESC, code
