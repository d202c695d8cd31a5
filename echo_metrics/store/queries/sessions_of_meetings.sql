SELECT m.meeting_id, s.id, s.cohort_id FROM session_meeting m JOIN session s ON s.id = m.session_id
WHERE m.meeting_id IN (SELECT unnest($meetings::BIGINT[])) ORDER BY m.meeting_id, s.id
