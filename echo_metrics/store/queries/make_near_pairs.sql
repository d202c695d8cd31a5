-- Pairs of one network by codes that differ by one character: only where neither form has an equal code on the other
-- side, each has exactly one neighbour there (neighbours that are paired already count as well), and the disciplines
-- told do not contradict each other. Everything else stays unpaired: a wrong pair is worse than a missing one.
INSERT INTO pair
WITH scored AS (
  SELECT s.* FROM submission s
  WHERE s.network_id = $network AND s.status = 'current' AND NOT s.preview AND s.key_kind = 'sgic'
    AND EXISTS (FROM score WHERE score.submission_id = s.id)
), told AS (
  SELECT *, count(*) OVER (PARTITION BY cohort_id, session_id, wave, person_key) AS copies FROM scored
), codes AS (
  SELECT DISTINCT person_key FROM told
), forms AS (
  SELECT f.* FROM code_form f JOIN codes c ON c.person_key = f.person_key
), near AS (
  SELECT x.person_key AS one, y.person_key AS other FROM forms x JOIN forms y ON x.form = y.form
  WHERE x.person_key <> y.person_key
    AND (x.kind, y.kind) IN (('less', 'whole'), ('whole', 'less'), ('at', 'at'))
  GROUP BY ALL
), met AS (
  SELECT c.contrast, a.id AS a, b.id AS b, a.copies AS a_copies, b.copies AS b_copies, a.person_key = b.person_key AS equal,
    a.discipline <> 'unknown' AND b.discipline <> 'unknown' AND a.discipline <> b.discipline AS contradicts
  FROM (VALUES
    ('baseline-completion', 'baseline', 'completion'),
    ('baseline-follow_up', 'baseline', 'follow_up'),
    ('before-after', 'pre_session', 'post_session'),
    ('then_test-completion', 'then_test', 'completion'),
    ('then_test-baseline', 'then_test', 'baseline')
  ) AS c (contrast, from_wave, to_wave)
  JOIN told a ON a.wave = c.from_wave
  JOIN told b ON b.wave = c.to_wave AND b.cohort_id = a.cohort_id AND b.session_id IS NOT DISTINCT FROM a.session_id
  LEFT JOIN near n ON n.one = a.person_key AND n.other = b.person_key
  WHERE (n.one IS NOT NULL OR a.person_key = b.person_key) AND (c.contrast <> 'before-after' OR a.session_id IS NOT NULL)
), counted AS (
  SELECT *, count(*) OVER (PARTITION BY contrast, a) AS of_a, count(*) OVER (PARTITION BY contrast, b) AS of_b FROM met
)
SELECT m.contrast, a.network_id, a.cohort_id, a.session_id, a.id, b.id, a.person_key,
  CASE WHEN a.discipline <> 'unknown' THEN a.discipline ELSE b.discipline END, coalesce(b.submitted_utc, a.submitted_utc),
  a.key_kind, 'near'
FROM counted m JOIN told a ON a.id = m.a JOIN told b ON b.id = m.b
WHERE NOT m.equal AND m.of_a = 1 AND m.of_b = 1 AND m.a_copies = 1 AND m.b_copies = 1 AND NOT m.contradicts
