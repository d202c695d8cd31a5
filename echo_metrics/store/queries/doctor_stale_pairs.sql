SELECT count(*) FROM pair p
JOIN submission a ON a.id = p.from_submission JOIN submission b ON b.id = p.to_submission
WHERE a.status <> 'current' OR b.status <> 'current' OR a.cohort_id <> b.cohort_id OR (a.person_key <> b.person_key) <> (p.match = 'near')
