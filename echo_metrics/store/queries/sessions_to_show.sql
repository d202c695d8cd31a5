SELECT s.id, s.cohort_id, s.number, s.title, s.start_utc, c.name AS cohort, n.name AS network, n.key AS network_key
FROM session s JOIN cohort c ON c.id = s.cohort_id JOIN network n ON n.id = c.network_id
WHERE list_contains($networks::BIGINT[], c.network_id)
  AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], s.cohort_id))
  AND ($start::TIMESTAMP IS NULL OR s.start_utc >= $start) AND ($end::TIMESTAMP IS NULL OR s.start_utc < $end)
ORDER BY s.start_utc, s.id
