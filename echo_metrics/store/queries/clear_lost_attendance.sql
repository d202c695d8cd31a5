DELETE FROM attendance WHERE session_id NOT IN (SELECT id FROM session)
