-- id: Di tahap mana data menunggu?
-- en: How long do reports take at each stage, in milliseconds?
SELECT
    transform(toString(hop),
        ['send', 'intake_wait', 'intake', 'correlate_wait', 'correlate', 'sink_wait', 'store', 'since_received', 'total'],
        ['pengiriman', 'menunggu intake', 'intake', 'menunggu pencocokan', 'pencocokan', 'menunggu penyimpanan', 'penyimpanan', 'sejak diterima', 'seluruhnya'], toString(hop)) AS name,
    quantileExactWeighted(0.5)(most_ms, counted.reports) AS p50_ms,
    quantileExactWeighted(0.99)(most_ms, counted.reports) AS p99_ms,
    max(most_ms) AS max_ms, sum(counted.reports) AS reports
FROM posko.pipeline AS counted
WHERE $__timeFilter(at) AND outcome = 'matched'
GROUP BY hop
ORDER BY indexOf(['send', 'intake_wait', 'intake', 'correlate_wait', 'correlate', 'sink_wait', 'store', 'since_received', 'total'], hop)
