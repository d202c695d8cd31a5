SELECT m.id, min(c.join_utc), max(c.leave_utc) FROM meeting m JOIN connection c ON c.meeting_id = m.id
WHERE m.network_id = $network GROUP BY m.id ORDER BY m.id
