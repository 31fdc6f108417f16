-- id: Kapan data terakhir tersimpan?
-- en: For each topic: when was the last batch stored, and how many messages are stored?
SELECT topic, max(at) AS latest, dateDiff('second', max(at), now64(3)) AS seconds_ago, sum(next_offset) AS messages, count() AS partitions
FROM
(
    SELECT topic, partition, max(next_offset) AS next_offset, max(at) AS at
    FROM posko.consumed
    WHERE generation = (SELECT max(generation) FROM posko.rebuilds)
    GROUP BY topic, partition
)
GROUP BY topic
ORDER BY topic
