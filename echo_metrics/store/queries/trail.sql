-- The denominators of a filter: distinct people from invitation to a matched pair. Invitations are known by cohort
-- only, so they are unknown (NULL) under a discipline or where a cohort has none on record. A period narrows
-- attendance and pairs (by the later answer); who was invited, registered and answered at baseline stays.
WITH c AS (
  SELECT * FROM cohort
  WHERE list_contains($networks::BIGINT[], network_id) AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], id))
), enrolled AS (
  SELECT DISTINCT e.person_id
  FROM enrolment e JOIN c ON c.id = e.cohort_id
  LEFT JOIN person_attribute a ON a.person_id = e.person_id AND a.name = 'discipline'
  WHERE e.person_id IS NOT NULL AND e.role = 'participant' AND e.status <> 'declined' AND ($discipline::VARCHAR IS NULL OR a.value_code = $discipline)
), here AS (
  SELECT DISTINCT t.person_id
  FROM attendance t JOIN session s ON s.id = t.session_id JOIN c ON c.id = s.cohort_id
  JOIN enrolled e ON e.person_id = t.person_id
  WHERE t.attended AND t.role = 'participant'
    AND ($start::TIMESTAMP IS NULL OR s.start_utc >= $start) AND ($end::TIMESTAMP IS NULL OR s.start_utc < $end)
), first_answers AS (
  SELECT DISTINCT s.cohort_id, s.person_key
  FROM submission s JOIN c ON c.id = s.cohort_id
  WHERE s.wave = $from_wave AND s.status = 'current' AND NOT s.preview AND s.person_key IS NOT NULL
    AND ($discipline::VARCHAR IS NULL OR s.discipline = $discipline)
    AND EXISTS (FROM score WHERE score.submission_id = s.id)
), matched AS (
  SELECT DISTINCT p.cohort_id, p.person_key
  FROM pair p JOIN c ON c.id = p.cohort_id
  JOIN score a ON a.submission_id = p.from_submission AND a.measure = $measure
  JOIN score b ON b.submission_id = p.to_submission AND b.measure = $measure
  WHERE p.contrast = $contrast AND (NOT $exact::BOOLEAN OR p.match = 'exact') AND ($discipline::VARCHAR IS NULL OR p.discipline = $discipline)
    AND ($start::TIMESTAMP IS NULL OR p.after_utc >= $start) AND ($end::TIMESTAMP IS NULL OR p.after_utc < $end)
)
SELECT
  CASE WHEN $discipline::VARCHAR IS NULL AND (SELECT count(*) = count(invited) AND count(*) > 0 FROM c)
    THEN (SELECT sum(invited) FROM c) END AS invited,
  (SELECT count(*) FROM enrolled) AS registered,
  (SELECT count(*) FROM here) AS attended,
  (SELECT count(*) FROM first_answers) AS baseline,
  (SELECT count(*) FROM matched) AS matched
