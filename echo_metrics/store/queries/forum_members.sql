-- Who could write in a network's forum: enrolled people with their role and the names they registered under.
SELECT e.person_id, bool_or(e.role = 'participant') AS participant, list(DISTINCT i.shown) FILTER (i.shown IS NOT NULL) AS names
FROM enrolment e
JOIN cohort c ON c.id = e.cohort_id
LEFT JOIN person_identifier i ON i.person_id = e.person_id AND i.kind = 'registered_name'
WHERE c.network_id = $network AND e.person_id IS NOT NULL AND e.status <> 'declined'
  AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], e.cohort_id))
GROUP BY e.person_id ORDER BY e.person_id
