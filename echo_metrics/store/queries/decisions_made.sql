-- Every decision with the names it is about, the newest first.
SELECT d.id, d.kind, d.shown, n.name AS network, d.heads, d.decided_by, d.decided_at, d.withdrawn_by, d.withdrawn_at,
  (SELECT min(i.shown) FROM person_identifier i WHERE i.own_person_id = d.person_id AND i.shown <> '') AS person,
  (SELECT min(i.shown) FROM person_identifier i WHERE i.own_person_id = d.other_id AND i.shown <> '') AS other,
  m.start_utc AS meeting
FROM decision d
LEFT JOIN network n ON n.id = d.network_id
LEFT JOIN meeting m ON m.id = d.meeting_id
ORDER BY d.id DESC
