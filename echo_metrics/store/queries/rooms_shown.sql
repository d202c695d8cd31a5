-- Shared rooms, meeting by meeting, with the people said to be in them.
SELECT DISTINCT m.network_id, n.name AS network, c.display_name, coalesce(c.original_name, '') AS original_name,
  m.id AS meeting_id, m.start_utc, c.heads
FROM connection c JOIN meeting m ON m.id = c.meeting_id JOIN network n ON n.id = m.network_id
WHERE c.kind = 'room' ORDER BY m.start_utc, c.display_name
