SELECT s.id, s.cohort_id, c.network_id, s.number, s.start_utc, s.end_utc, s.kind
FROM session s JOIN cohort c ON c.id = s.cohort_id
WHERE c.network_id = $network
ORDER BY s.start_utc, s.id
