-- Participants' attendances and hours by discipline: what their time cost.
SELECT coalesce(d.value_code, 'unknown') AS discipline, count(*) AS attendances, coalesce(sum(t.minutes), 0) / 60 AS hours
FROM attendance t JOIN session s ON s.id = t.session_id JOIN cohort c ON c.id = s.cohort_id
LEFT JOIN person_attribute d ON d.person_id = t.person_id AND d.name = 'discipline'
WHERE t.attended AND t.role = 'participant' AND list_contains($networks::BIGINT[], c.network_id)
  AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], c.id))
GROUP BY ALL ORDER BY ALL
