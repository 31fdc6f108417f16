-- id: Apakah data makin lambat?
-- en: How long do reports take from receipt to storage (median, 99 %), over time, in milliseconds?
SELECT
    $__timeInterval(at) AS time,
    quantileExactWeighted(0.5)(most_ms, counted.reports) AS p50_ms,
    quantileExactWeighted(0.99)(most_ms, counted.reports) AS p99_ms
FROM posko.pipeline AS counted
WHERE $__timeFilter(at) AND outcome = 'matched' AND hop = 'since_received'
GROUP BY time
ORDER BY time
