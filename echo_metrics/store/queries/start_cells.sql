-- People by score at one wave, told apart by whether they have a pair for the measure: what a bias table needs. The
-- newest answers of each person; answers without a code are each a person and cannot have a pair.
WITH told AS (
  SELECT s.*, row_number() OVER (PARTITION BY cohort_id, person_key ORDER BY submitted_utc DESC NULLS LAST, id DESC) AS newest
  FROM submission s
  WHERE s.wave = $wave AND s.status = 'current' AND NOT s.preview
    AND list_contains($networks::BIGINT[], s.network_id)
    AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], s.cohort_id))
    AND ($discipline::VARCHAR IS NULL OR s.discipline = $discipline)
    AND EXISTS (FROM score WHERE score.submission_id = s.id)
)
SELECT k.measure,
  EXISTS (
    FROM pair p
    JOIN score a ON a.submission_id = p.from_submission AND a.measure = k.measure
    JOIN score b ON b.submission_id = p.to_submission AND b.measure = k.measure
    WHERE p.contrast = $contrast AND (NOT $exact::BOOLEAN OR p.match = 'exact') AND t.id IN (p.from_submission, p.to_submission)
  ) AS matched, k.key, count(*) AS n
FROM told t JOIN score k ON k.submission_id = t.id
WHERE (t.person_key IS NULL OR t.newest = 1) AND list_contains($measures::VARCHAR[], k.measure)
GROUP BY ALL ORDER BY ALL
