-- Participants' attendances by cohort and by the site that they registered with; '' where it is not known.
SELECT c.id AS cohort_id, coalesce(o.value_raw, '') AS site, count(*) AS attendances, count(DISTINCT t.person_id) AS people
FROM attendance t JOIN session s ON s.id = t.session_id JOIN cohort c ON c.id = s.cohort_id
LEFT JOIN person_attribute o ON o.person_id = t.person_id AND o.name = 'organisation'
WHERE t.attended AND t.role = 'participant' AND list_contains($networks::BIGINT[], c.network_id)
  AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], c.id))
GROUP BY ALL ORDER BY ALL
