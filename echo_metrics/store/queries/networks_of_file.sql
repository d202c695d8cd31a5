-- Every network that a file touched: its answers, connections, enrolments, tables, and the calendar.
SELECT network_id FROM submission WHERE file_id = $file
UNION SELECT m.network_id FROM connection c JOIN meeting m ON m.id = c.meeting_id WHERE c.file_id = $file
UNION SELECT k.network_id FROM enrolment e JOIN cohort k ON k.id = e.cohort_id WHERE e.file_id = $file
UNION SELECT network_id FROM cohort WHERE file_id = $file
UNION SELECT k.network_id FROM session s JOIN cohort k ON k.id = s.cohort_id WHERE s.file_id = $file
UNION SELECT id FROM network WHERE file_id = $file
