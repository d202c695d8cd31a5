-- Enrolled people of a network with the name they registered under and the hash of their registration e-mail.
SELECT e.person_id, e.cohort_id, coalesce(n.shown, ''), min(m.value_key)
FROM enrolment e
JOIN cohort c ON c.id = e.cohort_id
LEFT JOIN person_identifier n ON n.person_id = e.person_id AND n.kind = 'registered_name'
LEFT JOIN person_identifier m ON m.person_id = e.person_id AND m.kind = 'email'
WHERE c.network_id = $network AND e.person_id IS NOT NULL AND e.status <> 'declined'
GROUP BY ALL
