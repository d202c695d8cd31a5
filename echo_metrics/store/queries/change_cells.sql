-- The counts behind every change: people by score before x score after, per measure, cohort and discipline at baseline.
-- Somebody with several pairs in a cohort (several sessions) counts once, with their own means.
WITH person AS (
  SELECT p.cohort_id, p.person_key, min(p.discipline) AS discipline, a.measure,
    round(avg(a.key))::BIGINT AS before, round(avg(b.key))::BIGINT AS after
  FROM pair p
  JOIN score a ON a.submission_id = p.from_submission
  JOIN score b ON b.submission_id = p.to_submission AND b.measure = a.measure
  WHERE p.contrast = $contrast AND (NOT $exact::BOOLEAN OR p.match = 'exact')
    AND list_contains($networks::BIGINT[], p.network_id)
    AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], p.cohort_id))
    AND ($discipline::VARCHAR IS NULL OR p.discipline = $discipline)
    AND ($start::TIMESTAMP IS NULL OR p.after_utc >= $start)
    AND ($end::TIMESTAMP IS NULL OR p.after_utc < $end)
    AND list_contains($measures::VARCHAR[], a.measure)
  GROUP BY p.cohort_id, p.person_key, a.measure
)
SELECT measure, cohort_id, discipline, before, after, count(*) AS n
FROM person GROUP BY ALL ORDER BY ALL
