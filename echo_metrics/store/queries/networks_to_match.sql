SELECT id, key, name, coalesce(meeting_id, '') FROM network ORDER BY id
