DELETE FROM attendance WHERE session_id NOT IN (SELECT session_id FROM session_meeting)
