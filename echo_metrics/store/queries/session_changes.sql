-- Every before-after change of the session questions with its person, for the model that respects repeated ratings.
SELECT p.person_key, (b.key - a.key) AS change
FROM pair p
JOIN score a ON a.submission_id = p.from_submission
JOIN score b ON b.submission_id = p.to_submission AND b.measure = a.measure
WHERE p.contrast = 'before-after' AND (NOT $exact::BOOLEAN OR p.match = 'exact') AND a.measure = $measure
  AND list_contains($networks::BIGINT[], p.network_id)
  AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], p.cohort_id))
  AND ($discipline::VARCHAR IS NULL OR p.discipline = $discipline)
  AND ($start::TIMESTAMP IS NULL OR p.after_utc >= $start)
  AND ($end::TIMESTAMP IS NULL OR p.after_utc < $end)
ORDER BY p.person_key, p.session_id
