-- Who stands behind the figures that were asked once, one row a person, or a submission where there is no code.
SELECT k.measure, s.wave, s.network_id, s.cohort_id, min(s.discipline) AS discipline,
  coalesce(s.person_key, 's' || s.id) AS who, round(avg(k.key))::BIGINT AS key, count(*) AS answers
FROM submission s JOIN score k ON k.submission_id = s.id
WHERE s.status = 'current' AND NOT s.preview
  AND list_contains($networks::BIGINT[], s.network_id)
  AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], s.cohort_id))
  AND list_contains($measures::VARCHAR[], k.measure) AND s.wave = $wave
GROUP BY ALL
