-- id: Lewat pintu mana laporan masuk, dan kapan terakhir?
-- en: Through which doors do reports come in the time chosen, and when did the last one come through each?
SELECT channel, count() AS reports, max(received_at) AS latest
FROM posko.reports
WHERE $__timeFilter(received_at)
GROUP BY channel
ORDER BY reports DESC, channel
