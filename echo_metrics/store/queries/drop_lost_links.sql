DELETE FROM session_meeting WHERE meeting_id NOT IN (SELECT id FROM meeting) OR session_id NOT IN (SELECT id FROM session)
