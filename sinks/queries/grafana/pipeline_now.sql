-- id: Apakah datanya segar? Dari kirim sampai tampil
-- en: How long did reports take from receipt to storage in the last five minutes in which any came in, and how many were there?
SELECT
    quantileExactWeightedIf(0.5)(most_ms, counted.reports, hop = 'since_received') AS p50_ms,
    quantileExactWeightedIf(0.99)(most_ms, counted.reports, hop = 'since_received') AS p99_ms,
    sumIf(counted.reports, hop = 'since_received') AS reports
FROM posko.pipeline AS counted
WHERE outcome = 'matched' AND at > (SELECT max(at) FROM posko.pipeline_rows WHERE outcome = 'matched' AND at > now() - INTERVAL 7 DAY) - INTERVAL 5 MINUTE
