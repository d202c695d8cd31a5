-- Sums and cross-products of a scale's items at one wave, over people who answered them all: the moment cube of alpha.
WITH own AS (
  SELECT k.submission_id, k.measure, k.key
  FROM score k JOIN submission s ON s.id = k.submission_id
  WHERE s.wave = $wave AND s.status = 'current' AND NOT s.preview
    AND list_contains($networks::BIGINT[], s.network_id)
    AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], s.cohort_id))
    AND ($discipline::VARCHAR IS NULL OR s.discipline = $discipline)
    AND list_contains($items::VARCHAR[], k.measure)
), complete AS (
  SELECT submission_id FROM own GROUP BY submission_id HAVING count(*) = len($items::VARCHAR[])
)
SELECT a.measure, b.measure, count(*) AS n, sum(a.key)::BIGINT AS total, sum(a.key::HUGEINT * b.key)::DOUBLE AS product
FROM own a JOIN own b ON b.submission_id = a.submission_id
WHERE a.submission_id IN (FROM complete)
GROUP BY a.measure, b.measure
