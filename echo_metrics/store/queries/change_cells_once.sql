-- The same counts for contrasts in which everybody has one pair a cohort (all but before-after each session): nobody has
-- to be averaged, so the pairs are counted as they stand. `doctor` checks that it is so.
SELECT a.measure, p.cohort_id, p.discipline, a.key AS before, b.key AS after, count(*) AS n
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
GROUP BY ALL ORDER BY ALL
