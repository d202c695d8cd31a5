-- Shared rooms: each connection that was said to be one, with the people in it and the minutes of its session.
WITH here AS (
  SELECT s.id AS session_id, s.start_utc, c.id, c.display_folded, any_value(c.heads) AS heads,
    greatest(c.join_utc, s.start_utc) AS a, least(c.leave_utc, s.end_utc) AS b
  FROM connection c
  JOIN session_meeting sm ON sm.meeting_id = c.meeting_id
  JOIN session s ON s.id = sm.session_id
  JOIN cohort k ON k.id = s.cohort_id
  WHERE c.kind = 'room' AND $discipline::VARCHAR IS NULL AND list_contains($networks::BIGINT[], k.network_id)
    AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], s.cohort_id))
    AND ($start::TIMESTAMP IS NULL OR s.start_utc >= $start) AND ($end::TIMESTAMP IS NULL OR s.start_utc < $end)
    AND c.leave_utc > s.start_utc AND c.join_utc < s.end_utc
  GROUP BY s.id, s.start_utc, s.end_utc, c.id, c.display_folded, c.join_utc, c.leave_utc
)
SELECT session_id, display_folded AS room, max(heads) AS heads, count(*) AS connections,
  (epoch(max(b)) - epoch(min(a))) / 60.0 AS minutes
FROM here GROUP BY session_id, display_folded
HAVING max(b) - min(a) >= INTERVAL 1 MINUTE
ORDER BY session_id, display_folded
