-- id: Kabupaten/kota mana paling banyak, dan sejauh mana penanganannya?
-- en: One category in each kabupaten/kota: open, held by nobody, confirmed, refuted, all?
SELECT place.name AS name, open, unheld, confirmed, refuted, resolved, incidents, code
FROM
(
    SELECT
        regency AS code, countIf(status NOT IN ('resolved', 'rejected')) AS open, countIf(status IN ('new', 'reopened')) AS unheld,
        countIf(status = 'verified') AS confirmed, countIf(status = 'rejected') AS refuted, countIf(status = 'resolved') AS resolved,
        count() AS incidents
    FROM posko.incidents
    WHERE category = '${kategori:raw}' AND merged_into = ''
    GROUP BY regency
) AS counted
INNER JOIN (SELECT code, replaceOne(name, 'Kabupaten ', 'Kab. ') AS name FROM posko.regions WHERE level = 'regency') AS place USING (code)
ORDER BY open DESC, incidents DESC, code
