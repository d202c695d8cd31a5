-- The same session by session, one answer a person and session.
SELECT k.measure, s.session_id, k.key, count(*) AS n
FROM submission s JOIN score k ON k.submission_id = s.id
WHERE s.wave = $wave AND s.status = 'current' AND NOT s.preview AND s.session_id IS NOT NULL
  AND list_contains($networks::BIGINT[], s.network_id)
  AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], s.cohort_id))
  AND ($discipline::VARCHAR IS NULL OR s.discipline = $discipline)
  AND ($start::TIMESTAMP IS NULL OR s.submitted_utc >= $start)
  AND ($end::TIMESTAMP IS NULL OR s.submitted_utc < $end)
  AND list_contains($measures::VARCHAR[], k.measure)
GROUP BY ALL ORDER BY ALL
