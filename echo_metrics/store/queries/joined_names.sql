-- Names that were joined to somebody by themselves, so that it can be said that they are not that person.
SELECT DISTINCT m.network_id, n.name AS network, c.display_name, coalesce(c.original_name, '') AS original_name, c.person_id,
  (SELECT min(i.shown) FROM person_identifier i WHERE i.person_id = c.person_id AND i.kind = 'registered_name') AS person,
  c.method
FROM connection c
JOIN meeting m ON m.id = c.meeting_id
JOIN network n ON n.id = m.network_id
WHERE c.person_id IS NOT NULL AND c.method IN ('name', 'e-mail', 'same name in this meeting')
ORDER BY c.display_name, original_name
