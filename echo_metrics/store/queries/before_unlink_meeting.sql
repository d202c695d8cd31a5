SELECT * FROM session_meeting WHERE meeting_id = $meeting
