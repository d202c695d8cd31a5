-- Who stands behind the change figures of a filter, one row a person: for comparing two releases, never for showing.
SELECT a.measure, p.contrast, p.network_id, p.cohort_id, min(p.discipline) AS discipline, p.person_key,
  round(avg(a.key))::BIGINT AS before, round(avg(b.key))::BIGINT AS after
FROM pair p
JOIN score a ON a.submission_id = p.from_submission
JOIN score b ON b.submission_id = p.to_submission AND b.measure = a.measure
WHERE list_contains($networks::BIGINT[], p.network_id)
  AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], p.cohort_id))
  AND list_contains($measures::VARCHAR[], a.measure)
GROUP BY a.measure, p.contrast, p.network_id, p.cohort_id, p.person_key
