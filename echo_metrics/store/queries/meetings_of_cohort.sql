SELECT DISTINCT m.meeting_id FROM session_meeting m JOIN session s ON s.id = m.session_id
WHERE s.cohort_id = $cohort ORDER BY m.meeting_id
