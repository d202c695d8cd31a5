SELECT s.id, s.cohort_id FROM session_meeting m JOIN session s ON s.id = m.session_id WHERE m.meeting_id = $meeting
