-- id: Siapa yang bertindak?
-- en: How many steps did each institution take in the time chosen?
SELECT institution, countIf(action = 'acknowledge') AS taken, countIf(action = 'verify') AS verified, countIf(action IN ('resolve', 'reject')) AS closed, count() AS steps
FROM posko.incident_log
WHERE $__timeFilter(at) AND institution != '' AND action IN ('acknowledge', 'verify', 'resolve', 'reject', 'assign', 'refer', 'note', 'reopen')
GROUP BY institution
ORDER BY steps DESC, institution
