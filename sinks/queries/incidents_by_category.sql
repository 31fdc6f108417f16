-- id: Berapa insiden tiap kategori, dan berapa yang masih terbuka?
-- en: How many incidents does each category have, and how many are still open?
SELECT
    category,
    transform(category, ['logistics', 'security', 'hoax', 'asn_neutrality'], ['Logistik', 'Keamanan', 'Hoaks', 'Netralitas ASN'],
        toString(category)) AS name,
    countIf(status NOT IN ('resolved', 'rejected')) AS open,
    count() AS incidents
FROM posko.incidents
GROUP BY category
ORDER BY incidents DESC, category
