-- Session by session: who came, answers given after it, and those of them that a code or a name pairs with one before.
WITH registered AS (
  SELECT cohort_id, count(DISTINCT person_id) AS n FROM enrolment
  WHERE role = 'participant' AND status <> 'declined' GROUP BY cohort_id
), came AS (
  SELECT session_id, count(*) AS n FROM attendance WHERE attended AND role = 'participant' GROUP BY session_id
), answered AS (
  SELECT s.session_id, count(*) AS n,
    count(*) FILTER (s.id IN (SELECT to_submission FROM pair WHERE contrast = 'before-after' AND match = 'exact')) AS paired
  FROM submission s
  WHERE s.wave = 'post_session' AND s.status = 'current' AND NOT s.preview
    AND EXISTS (FROM score WHERE score.submission_id = s.id)
  GROUP BY s.session_id
)
SELECT s.id, s.start_utc, s.number, s.title, c.name AS cohort, came.n AS came, coalesce(registered.n, 0) AS registered,
  coalesce(answered.n, 0) AS answered, coalesce(answered.paired, 0) AS paired
FROM session s
JOIN cohort c ON c.id = s.cohort_id
LEFT JOIN came ON came.session_id = s.id
LEFT JOIN registered ON registered.cohort_id = s.cohort_id
LEFT JOIN answered ON answered.session_id = s.id
WHERE c.network_id = $network AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], s.cohort_id))
ORDER BY s.start_utc, s.id
