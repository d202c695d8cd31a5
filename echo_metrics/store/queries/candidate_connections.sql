-- The candidates' own connections in the meetings where a doubtful name was shown.
SELECT DISTINCT c.person_id, c.meeting_id, c.join_utc, c.leave_utc
FROM connection c JOIN match_link l ON l.candidate_id = c.person_id AND l.meeting_id = c.meeting_id
WHERE l.status = 'review'
