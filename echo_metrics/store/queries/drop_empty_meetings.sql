DELETE FROM meeting WHERE id NOT IN (SELECT meeting_id FROM connection)
