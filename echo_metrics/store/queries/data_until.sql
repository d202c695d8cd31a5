-- The last moment that the data of a filter reaches: a session, an answer.
SELECT max(moment) FROM (
  SELECT max(s.end_utc) AS moment FROM session s JOIN cohort c ON c.id = s.cohort_id
  WHERE list_contains($networks::BIGINT[], c.network_id)
    AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], c.id))
    AND EXISTS (FROM attendance t WHERE t.session_id = s.id)
  UNION ALL
  SELECT max(submitted_utc) FROM submission
  WHERE status = 'current' AND NOT preview AND list_contains($networks::BIGINT[], network_id)
    AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], cohort_id))
)
