-- People by score for measures that are asked once. Somebody who answered after several sessions counts once, with
-- their own mean; answers without a code, and codes that stand twice in a session, are each a person.
WITH counted AS (
  SELECT s.*, count(*) OVER (PARTITION BY cohort_id, session_id, wave, person_key) AS copies
  FROM submission s
  WHERE s.status = 'current' AND NOT s.preview
    AND list_contains($networks::BIGINT[], s.network_id)
    AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], s.cohort_id))
    AND EXISTS (FROM score WHERE score.submission_id = s.id)
), told AS (
  SELECT *, max(copies) OVER (PARTITION BY cohort_id, session_id, person_key) > 1 AS ambiguous FROM counted
), person AS (
  SELECT t.cohort_id,
    CASE WHEN t.person_key IS NULL OR (t.key_kind = 'sgic' AND t.ambiguous) THEN 's' || t.id ELSE t.person_key END AS who,
    min(t.discipline) AS discipline, k.measure, round(avg(k.key))::BIGINT AS key
  FROM told t JOIN score k ON k.submission_id = t.id
  WHERE t.wave = $wave AND list_contains($measures::VARCHAR[], k.measure)
    AND ($start::TIMESTAMP IS NULL OR t.submitted_utc >= $start)
    AND ($end::TIMESTAMP IS NULL OR t.submitted_utc < $end)
    AND ($discipline::VARCHAR IS NULL OR t.discipline = $discipline)
  GROUP BY t.cohort_id, who, k.measure
)
SELECT measure, cohort_id, discipline, key, count(*) AS n FROM person GROUP BY ALL ORDER BY ALL
