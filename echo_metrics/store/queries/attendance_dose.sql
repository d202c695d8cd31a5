-- Enrolments by the share of their cohort's held sessions that they attended, in bands without gaps or overlaps.
WITH held AS (
  SELECT s.cohort_id, count(*) AS n FROM session s JOIN cohort c ON c.id = s.cohort_id
  WHERE list_contains($networks::BIGINT[], c.network_id)
    AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], c.id))
    AND ($start::TIMESTAMP IS NULL OR s.start_utc >= $start) AND ($end::TIMESTAMP IS NULL OR s.start_utc < $end)
    AND EXISTS (FROM attendance a WHERE a.session_id = s.id AND a.attended)
  GROUP BY s.cohort_id
), each AS (
  SELECT e.person_id, e.cohort_id, h.n AS held,
    (SELECT count(*) FROM attendance t JOIN session s ON s.id = t.session_id
     WHERE t.person_id = e.person_id AND s.cohort_id = e.cohort_id AND t.attended
       AND ($start::TIMESTAMP IS NULL OR s.start_utc >= $start) AND ($end::TIMESTAMP IS NULL OR s.start_utc < $end)) AS came
  FROM enrolment e JOIN held h ON h.cohort_id = e.cohort_id
  LEFT JOIN person_attribute d ON d.person_id = e.person_id AND d.name = 'discipline'
  WHERE e.person_id IS NOT NULL AND e.role = 'participant' AND e.status <> 'declined' AND ($discipline::VARCHAR IS NULL OR d.value_code = $discipline)
), banded AS (
  SELECT CASE WHEN came = 0 THEN 0 WHEN came * 4 <= held THEN 1 WHEN came * 2 <= held THEN 2 WHEN came * 4 <= held * 3 THEN 3
    ELSE 4 END AS band FROM each
)
SELECT b.band, b.label, count(banded.band) AS people
FROM (VALUES (0, 'None of the sessions'), (1, 'Up to a quarter'), (2, 'Up to half'), (3, 'Up to three quarters'), (4, 'More than three quarters')) AS b (band, label)
LEFT JOIN banded ON banded.band = b.band
WHERE EXISTS (FROM each)
GROUP BY b.band, b.label ORDER BY b.band
