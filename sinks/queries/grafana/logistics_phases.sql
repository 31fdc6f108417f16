-- id: Dari fase mana masalah yang belum selesai, dan kapan batas fasenya?
-- en: In which phase did the open supply problems begin, and when does (or did) that phase end?
WITH [${fase:raw}] AS phases
SELECT
    arrayFirst(one -> one.1 = code, phases).2 AS name,
    toDateTime(arrayFirst(one -> one.1 = code, phases).4) AS ends_at,
    open, critical, incidents
FROM
(
    SELECT phase AS code, countIf(status NOT IN ('resolved', 'rejected')) AS open,
        countIf(severity >= 4 AND status NOT IN ('resolved', 'rejected')) AS critical, count() AS incidents
    FROM posko.incidents
    WHERE category = 'logistics' AND phase != '' AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
    GROUP BY phase
)
WHERE name != ''
ORDER BY ends_at
