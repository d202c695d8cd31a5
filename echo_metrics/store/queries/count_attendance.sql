-- Minutes in a session: the union of a person's connection intervals, clipped to the session. Phone and computer at
-- once overlap, and rejoins leave gaps, so intervals are first joined into islands. Attended: at least one minute.
-- Intervals that were clipped alike are told apart by id: both windows must see them in one order, or one counts twice.
-- Reports without times give a person's minutes only: they are summed, shared among the sessions that the meeting covers
-- by their length, and never above the session's length. A mark without minutes says that somebody was there, no more.
-- Of one person in one session, intervals are taken before totals, totals before marks.
INSERT INTO attendance (session_id, person_id, role, minutes, pct_of_session, first_join, last_leave, connections, attended, origin)
WITH here AS (
  SELECT s.id AS session_id, s.cohort_id, s.start_utc, s.end_utc, (epoch(s.end_utc) - epoch(s.start_utc)) / 60.0 AS length,
    c.id, c.meeting_id, c.person_id, c.join_utc, c.leave_utc, c.minutes_reported, coalesce(c.origin, 'log') AS origin
  FROM session s
  JOIN session_meeting sm ON sm.session_id = s.id
  JOIN connection c ON c.meeting_id = sm.meeting_id
  WHERE s.id IN (SELECT unnest($sessions::BIGINT[])) AND c.person_id IS NOT NULL
), clipped AS (
  SELECT *, greatest(join_utc, start_utc) AS a, least(leave_utc, end_utc) AS b
  FROM here WHERE origin = 'log' AND leave_utc > start_utc AND join_utc < end_utc
), marked AS (
  SELECT *, CASE
    WHEN a <= max(b) OVER (PARTITION BY session_id, person_id ORDER BY a, b, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) THEN 0
    ELSE 1 END AS opens_island
  FROM clipped
), numbered AS (
  SELECT *, sum(opens_island) OVER (PARTITION BY session_id, person_id ORDER BY a, b, id ROWS UNBOUNDED PRECEDING) AS island FROM marked
), islands AS (
  SELECT session_id, cohort_id, person_id, island, min(a) AS a, max(b) AS b, count(*) AS n, any_value(length) AS length
  FROM numbered GROUP BY session_id, cohort_id, person_id, island
), logged AS (
  SELECT session_id, cohort_id, person_id, sum(epoch(b) - epoch(a)) / 60.0 AS minutes, min(a) AS first_join,
    max(b) AS last_leave, sum(n) AS connections, any_value(length) AS length, 'log' AS origin
  FROM islands GROUP BY session_id, cohort_id, person_id
), covered AS (
  SELECT sm.meeting_id, sum(epoch(s.end_utc) - epoch(s.start_utc)) / 60.0 AS length
  FROM session_meeting sm JOIN session s ON s.id = sm.session_id
  WHERE sm.meeting_id IN (SELECT meeting_id FROM here) GROUP BY sm.meeting_id
), summed AS (
  SELECT session_id, cohort_id, person_id,
    least(sum(minutes_reported * h.length / v.length), any_value(h.length)) AS minutes, NULL::TIMESTAMP AS first_join,
    NULL::TIMESTAMP AS last_leave, count(*) AS connections, any_value(h.length) AS length, 'total_only' AS origin
  FROM here h JOIN covered v ON v.meeting_id = h.meeting_id
  WHERE origin = 'total_only' AND (h.session_id, person_id) NOT IN (SELECT (session_id, person_id) FROM logged)
  GROUP BY session_id, cohort_id, person_id
), noted AS (
  SELECT session_id, cohort_id, person_id, NULL::DOUBLE AS minutes, NULL::TIMESTAMP AS first_join,
    NULL::TIMESTAMP AS last_leave, count(*) AS connections, any_value(length) AS length, 'iecho' AS origin
  FROM here
  WHERE origin = 'iecho' AND (session_id, person_id) NOT IN (SELECT (session_id, person_id) FROM logged)
    AND (session_id, person_id) NOT IN (SELECT (session_id, person_id) FROM summed)
  GROUP BY session_id, cohort_id, person_id
), totals AS (
  SELECT * FROM logged UNION ALL SELECT * FROM summed UNION ALL SELECT * FROM noted
)
SELECT t.session_id, t.person_id, coalesce(e.role, 'guest'), t.minutes, 100.0 * t.minutes / nullif(t.length, 0), t.first_join,
  t.last_leave, t.connections::INTEGER, t.minutes IS NULL OR t.minutes >= 1, t.origin
FROM totals t
LEFT JOIN enrolment e ON e.person_id = t.person_id AND e.cohort_id = t.cohort_id AND e.status <> 'declined'
