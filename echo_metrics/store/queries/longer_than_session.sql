-- People of a file's meetings whose connections add up to more minutes than the sessions they belong to have.
WITH length AS (
  SELECT sm.meeting_id, sum(epoch(s.end_utc) - epoch(s.start_utc)) / 60.0 AS minutes
  FROM session_meeting sm JOIN session s ON s.id = sm.session_id GROUP BY sm.meeting_id
), spent AS (
  SELECT c.meeting_id, c.person_id, sum(epoch(c.leave_utc) - epoch(c.join_utc)) / 60.0 AS minutes
  FROM connection c WHERE c.origin = 'log' AND c.person_id IS NOT NULL
    AND c.meeting_id IN (SELECT meeting_id FROM connection WHERE file_id = $file)
  GROUP BY c.meeting_id, c.person_id
)
SELECT count(*) AS people, count(*) FILTER (s.minutes > l.minutes + 1) AS longer
FROM spent s JOIN length l ON l.meeting_id = s.meeting_id
