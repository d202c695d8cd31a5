-- Hours are added up in whole microseconds, so that no order of rows tells in the last digit.
-- Sessions that were held (somebody's attendance is on record), and participants' attendance in them.
WITH held AS (
  SELECT s.id, s.cohort_id FROM session s JOIN cohort c ON c.id = s.cohort_id
  WHERE list_contains($networks::BIGINT[], c.network_id)
    AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], s.cohort_id))
    AND ($start::TIMESTAMP IS NULL OR s.start_utc >= $start) AND ($end::TIMESTAMP IS NULL OR s.start_utc < $end)
    AND EXISTS (FROM attendance a WHERE a.session_id = s.id AND a.attended)
), came AS (
  SELECT t.* FROM attendance t JOIN held h ON h.id = t.session_id
  LEFT JOIN person_attribute d ON d.person_id = t.person_id AND d.name = 'discipline'
  WHERE t.attended AND t.role = 'participant' AND ($discipline::VARCHAR IS NULL OR d.value_code = $discipline)
)
SELECT (SELECT count(*) FROM held) AS sessions, count(DISTINCT person_id) AS people, count(*) AS attendances,
  count(*) / greatest((SELECT count(*) FROM held), 1) AS per_session, coalesce(sum(round(minutes * 60e6)::BIGINT), 0) / 3600e6 AS hours
FROM came
