-- People with a score at one wave, told apart by whether they have a pair for the measure: their discipline, how many
-- sessions their cohort held, and how many of them they came to (null where attendance does not know the person).
WITH held AS (
  SELECT s.cohort_id, count(*) AS n FROM session s
  WHERE EXISTS (FROM attendance a WHERE a.session_id = s.id AND a.attended) GROUP BY s.cohort_id
), came AS (
  SELECT s.cohort_id, t.person_id, count(*) AS n FROM attendance t JOIN session s ON s.id = t.session_id
  WHERE t.attended AND t.role = 'participant' GROUP BY s.cohort_id, t.person_id
), told AS (
  SELECT s.*, row_number() OVER (PARTITION BY cohort_id, person_key ORDER BY submitted_utc DESC NULLS LAST, id DESC) AS newest
  FROM submission s
  WHERE s.wave = $wave AND s.status = 'current' AND NOT s.preview
    AND list_contains($networks::BIGINT[], s.network_id)
    AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], s.cohort_id))
    AND ($discipline::VARCHAR IS NULL OR s.discipline = $discipline)
    AND EXISTS (FROM score WHERE score.submission_id = s.id)
), own AS (
  SELECT t.*, EXISTS (
    FROM pair p
    JOIN score a ON a.submission_id = p.from_submission AND a.measure = $measure
    JOIN score b ON b.submission_id = p.to_submission AND b.measure = $measure
    WHERE p.contrast = $contrast AND (NOT $exact::BOOLEAN OR p.match = 'exact') AND t.id IN (p.from_submission, p.to_submission)
  ) AS matched
  FROM told t JOIN score k ON k.submission_id = t.id AND k.measure = $measure
  WHERE t.person_key IS NULL OR t.newest = 1
)
SELECT o.matched, o.discipline, h.n AS held,
  CASE WHEN e.person_id IS NOT NULL THEN coalesce(c.n, 0) END AS came, count(*) AS n
FROM own o
LEFT JOIN held h ON h.cohort_id = o.cohort_id
LEFT JOIN enrolment e ON e.person_id = o.person_id AND e.cohort_id = o.cohort_id AND e.role = 'participant'
  AND e.status <> 'declined'
LEFT JOIN came c ON c.cohort_id = o.cohort_id AND c.person_id = o.person_id
GROUP BY ALL ORDER BY ALL
