-- id: Sampai mana data Kafka sudah tersimpan?
-- en: How far is each Kafka partition stored, and when was the last batch?
SELECT topic, partition, max(next_offset) AS next_offset, max(at) AS last_batch, dateDiff('second', max(at), now64(3)) AS seconds_ago
FROM posko.consumed
WHERE generation = (SELECT max(generation) FROM posko.rebuilds)
GROUP BY topic, partition
ORDER BY topic, partition
