-- id: Berapa lama laporan di setiap tahap, dari dikirim sampai bisa ditanyakan?
-- en: How long do reports take from place to place, from sending to storage, in milliseconds (at most 1.2 times too large)?
-- param minutes = 5: reports stored within this many minutes
SELECT
    hop,
    sum(counted.reports) AS reports,
    quantileExactWeighted(0.5)(most_ms, counted.reports) AS p50_ms,
    quantileExactWeighted(0.95)(most_ms, counted.reports) AS p95_ms,
    quantileExactWeighted(0.99)(most_ms, counted.reports) AS p99_ms,
    max(most_ms) AS max_ms
FROM posko.pipeline AS counted
WHERE outcome = 'matched' AND at > now() - toIntervalMinute({minutes:UInt32})
GROUP BY hop
ORDER BY indexOf([
    'send', 'intake_wait', 'intake', 'correlate_wait', 'correlate', 'sink_wait', 'store', 'since_received', 'total'
], hop)
