-- The people whom doubtful names may mean: registered name, discipline, organisation, sessions they came to.
SELECT p.id AS person_id,
  coalesce((SELECT min(i.shown) FROM person_identifier i WHERE i.person_id = p.id AND i.kind = 'registered_name'), '') AS name,
  coalesce((SELECT min(a.value_raw) FROM person_attribute a WHERE a.person_id = p.id AND a.name = 'discipline'), '') AS discipline,
  coalesce((SELECT min(a.value_raw) FROM person_attribute a WHERE a.person_id = p.id AND a.name = 'organisation'), '') AS organisation,
  (SELECT count(DISTINCT t.session_id) FROM attendance t WHERE t.person_id = p.id AND t.attended) AS sessions
FROM person p WHERE p.id IN (SELECT candidate_id FROM match_link WHERE status = 'review')
