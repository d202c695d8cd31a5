WITH registered AS (
  SELECT e.cohort_id, count(DISTINCT e.person_id) AS n
  FROM enrolment e LEFT JOIN person_attribute d ON d.person_id = e.person_id AND d.name = 'discipline'
  WHERE e.role = 'participant' AND e.status <> 'declined' AND ($discipline::VARCHAR IS NULL OR d.value_code = $discipline)
  GROUP BY e.cohort_id
)
SELECT s.id AS session_id, s.start_utc,
  count(*) FILTER (t.role = 'participant' AND ($discipline::VARCHAR IS NULL OR d.value_code = $discipline)) AS participants,
  CASE WHEN $discipline::VARCHAR IS NULL THEN count(*) FILTER (t.role = 'guest') ELSE 0 END AS guests,
  CASE WHEN $discipline::VARCHAR IS NULL THEN count(*) FILTER (t.role = 'hub_team') ELSE 0 END AS hub_team,
  coalesce(any_value(r.n), 0) AS registered
FROM session s
JOIN cohort c ON c.id = s.cohort_id
JOIN attendance t ON t.session_id = s.id AND t.attended
LEFT JOIN person_attribute d ON d.person_id = t.person_id AND d.name = 'discipline'
LEFT JOIN registered r ON r.cohort_id = s.cohort_id
WHERE list_contains($networks::BIGINT[], c.network_id)
  AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], s.cohort_id))
  AND ($start::TIMESTAMP IS NULL OR s.start_utc >= $start) AND ($end::TIMESTAMP IS NULL OR s.start_utc < $end)
GROUP BY s.id, s.start_utc ORDER BY s.start_utc, s.id
