-- Everybody with a name who is enrolled, answered or was there: to say that two of them are one person.
SELECT p.id, coalesce(min(i.shown) FILTER (i.kind = 'registered_name'), min(i.shown)) AS name,
  bool_or(i.kind = 'registered_name') AS registered,
  coalesce((SELECT string_agg(DISTINCT n.name, ', ') FROM enrolment e JOIN cohort c ON c.id = e.cohort_id
    JOIN network n ON n.id = c.network_id WHERE e.person_id = p.id), '') AS networks
FROM person p JOIN person_identifier i ON i.person_id = p.id AND i.shown <> ''
WHERE p.merged_into IS NULL AND (
  p.id IN (SELECT person_id FROM enrolment WHERE person_id IS NOT NULL)
  OR p.id IN (SELECT person_id FROM submission WHERE person_id IS NOT NULL)
  OR p.id IN (SELECT person_id FROM connection WHERE person_id IS NOT NULL)
)
GROUP BY p.id ORDER BY 2, 1
