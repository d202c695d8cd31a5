-- Where people stand, to tell two of one name apart: number, networks, discipline.
SELECT p.id, coalesce(string_agg(DISTINCT n.name, ', ' ORDER BY n.name), ''),
  coalesce(any_value(a.value_raw), '')
FROM person p
LEFT JOIN enrolment e ON e.person_id = p.id
LEFT JOIN cohort c ON c.id = e.cohort_id
LEFT JOIN network n ON n.id = c.network_id
LEFT JOIN person_attribute a ON a.person_id = p.id AND a.name = 'discipline'
WHERE p.id IN (SELECT unnest($people))
GROUP BY p.id ORDER BY p.id
