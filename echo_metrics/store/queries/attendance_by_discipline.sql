WITH enrolled AS (
  SELECT DISTINCT e.person_id, coalesce(d.value_code, 'unknown') AS discipline
  FROM enrolment e JOIN cohort c ON c.id = e.cohort_id
  LEFT JOIN person_attribute d ON d.person_id = e.person_id AND d.name = 'discipline'
  WHERE e.person_id IS NOT NULL AND e.role = 'participant' AND e.status <> 'declined' AND list_contains($networks::BIGINT[], c.network_id)
    AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], c.id))
    AND ($discipline::VARCHAR IS NULL OR d.value_code = $discipline)
), came AS (
  SELECT t.person_id, count(*) AS sessions
  FROM attendance t JOIN session s ON s.id = t.session_id JOIN cohort c ON c.id = s.cohort_id
  WHERE t.attended AND t.role = 'participant' AND list_contains($networks::BIGINT[], c.network_id)
    AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], c.id))
    AND ($start::TIMESTAMP IS NULL OR s.start_utc >= $start) AND ($end::TIMESTAMP IS NULL OR s.start_utc < $end)
  GROUP BY t.person_id
)
SELECT e.discipline, count(*) AS registered, count(c.person_id) AS came, sum(coalesce(c.sessions, 0)) / count(*) AS sessions_each
FROM enrolled e LEFT JOIN came c ON c.person_id = e.person_id
GROUP BY e.discipline ORDER BY registered DESC, e.discipline
