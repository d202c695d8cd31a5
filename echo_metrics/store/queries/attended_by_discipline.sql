-- Participants' attendances and hours by discipline: what their time cost. Hours are added up in whole microseconds, so that
-- no order of rows tells in the last digit.
SELECT coalesce(d.value_code, 'unknown') AS discipline, count(*) AS attendances, coalesce(sum(round(t.minutes * 60e6)::BIGINT), 0) / 3600e6 AS hours
FROM attendance t JOIN session s ON s.id = t.session_id JOIN cohort c ON c.id = s.cohort_id
LEFT JOIN person_attribute d ON d.person_id = t.person_id AND d.name = 'discipline'
WHERE t.attended AND t.role = 'participant' AND list_contains($networks::BIGINT[], c.network_id)
  AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], c.id))
GROUP BY ALL ORDER BY ALL
