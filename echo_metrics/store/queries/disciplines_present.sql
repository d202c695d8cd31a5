SELECT DISTINCT discipline FROM submission
WHERE list_contains($networks::BIGINT[], network_id) AND discipline IS NOT NULL
UNION
SELECT DISTINCT a.value_code FROM person_attribute a
JOIN enrolment e ON e.person_id = a.person_id JOIN cohort c ON c.id = e.cohort_id
WHERE a.name = 'discipline' AND list_contains($networks::BIGINT[], c.network_id)
