-- One line for each doubtful name and candidate, however many meetings it came up in.
SELECT l.shown, coalesce(any_value(i.shown), '') AS candidate, any_value(l.method), max(l.score), n.name, min(m.start_utc)
FROM match_link l
JOIN meeting m ON m.id = l.meeting_id
JOIN network n ON n.id = l.network_id
LEFT JOIN person_identifier i ON i.person_id = l.candidate_id AND i.kind = 'registered_name'
WHERE l.status = 'review'
GROUP BY l.shown, l.candidate_id, n.name
ORDER BY max(l.score) DESC, l.shown
