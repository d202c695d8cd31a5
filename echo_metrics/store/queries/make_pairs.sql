-- Pairs of one network. People who are known pair their newest answers of each wave; a self-generated code that
-- stands on two forms of one wave could be two people and pairs with nothing.
INSERT INTO pair
WITH scored AS (
  SELECT s.* FROM submission s
  WHERE s.network_id = $network AND s.status = 'current' AND NOT s.preview AND s.person_key IS NOT NULL
    AND EXISTS (FROM score WHERE score.submission_id = s.id)
), told AS (
  SELECT *,
    count(*) OVER (PARTITION BY cohort_id, session_id, wave, person_key) AS copies,
    row_number() OVER (
      PARTITION BY cohort_id, session_id, wave, person_key ORDER BY submitted_utc DESC NULLS LAST, id DESC
    ) AS newest
  FROM scored
), usable AS (
  SELECT * FROM told WHERE CASE WHEN key_kind = 'sgic' THEN copies = 1 ELSE newest = 1 END
)
SELECT c.contrast, a.network_id, a.cohort_id, a.session_id, a.id, b.id, a.person_key,
  CASE WHEN a.discipline <> 'unknown' THEN a.discipline ELSE b.discipline END, coalesce(b.submitted_utc, a.submitted_utc),
  a.key_kind, 'exact'
FROM (VALUES
  ('baseline-completion', 'baseline', 'completion'),
  ('baseline-follow_up', 'baseline', 'follow_up'),
  ('before-after', 'pre_session', 'post_session'),
  ('then_test-completion', 'then_test', 'completion'),
  ('then_test-baseline', 'then_test', 'baseline')
) AS c (contrast, from_wave, to_wave)
JOIN usable a ON a.wave = c.from_wave
JOIN usable b ON b.wave = c.to_wave AND b.person_key = a.person_key AND b.cohort_id = a.cohort_id
  AND b.session_id IS NOT DISTINCT FROM a.session_id
WHERE c.contrast <> 'before-after' OR a.session_id IS NOT NULL
