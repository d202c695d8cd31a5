-- Pairs of people whom attendance knows, by whether they came to more than half of their cohort's held sessions.
WITH held AS (
  SELECT s.cohort_id, count(*) AS n FROM session s
  WHERE EXISTS (FROM attendance a WHERE a.session_id = s.id AND a.attended) GROUP BY s.cohort_id
), came AS (
  SELECT s.cohort_id, t.person_id, count(*) AS n FROM attendance t JOIN session s ON s.id = t.session_id
  WHERE t.attended AND t.role = 'participant' GROUP BY s.cohort_id, t.person_id
)
SELECT a.measure, coalesce(c.n, 0) * 2 > h.n AS most, a.key AS before, b.key AS after, count(*) AS n
FROM pair p
JOIN submission f ON f.id = p.from_submission
JOIN held h ON h.cohort_id = p.cohort_id
JOIN enrolment e ON e.person_id = f.person_id AND e.cohort_id = p.cohort_id AND e.role = 'participant' AND e.status <> 'declined'
LEFT JOIN came c ON c.cohort_id = p.cohort_id AND c.person_id = f.person_id
JOIN score a ON a.submission_id = p.from_submission
JOIN score b ON b.submission_id = p.to_submission AND b.measure = a.measure
WHERE p.contrast = $contrast AND (NOT $exact::BOOLEAN OR p.match = 'exact')
  AND list_contains($networks::BIGINT[], p.network_id)
  AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], p.cohort_id))
  AND ($discipline::VARCHAR IS NULL OR p.discipline = $discipline)
  AND ($start::TIMESTAMP IS NULL OR p.after_utc >= $start)
  AND ($end::TIMESTAMP IS NULL OR p.after_utc < $end)
  AND list_contains($measures::VARCHAR[], a.measure)
GROUP BY ALL ORDER BY ALL
