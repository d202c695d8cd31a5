-- Minutes in a session: the union of a person's connection intervals, clipped to the session. Phone and computer at
-- once overlap, and rejoins leave gaps, so intervals are first joined into islands. Attended: at least one minute.
INSERT INTO attendance
WITH clipped AS (
  SELECT sm.session_id, c.person_id, s.cohort_id, s.start_utc, s.end_utc,
    greatest(c.join_utc, s.start_utc) AS a, least(c.leave_utc, s.end_utc) AS b
  FROM session s
  JOIN session_meeting sm ON sm.session_id = s.id
  JOIN connection c ON c.meeting_id = sm.meeting_id
  WHERE s.id = $session AND c.person_id IS NOT NULL AND c.leave_utc > s.start_utc AND c.join_utc < s.end_utc
), marked AS (
  SELECT *, CASE
    WHEN a <= max(b) OVER (PARTITION BY person_id ORDER BY a, b ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) THEN 0
    ELSE 1 END AS opens_island
  FROM clipped
), numbered AS (
  SELECT *, sum(opens_island) OVER (PARTITION BY person_id ORDER BY a, b ROWS UNBOUNDED PRECEDING) AS island FROM marked
), islands AS (
  SELECT session_id, cohort_id, person_id, island, min(a) AS a, max(b) AS b, count(*) AS n,
    any_value(start_utc) AS start_utc, any_value(end_utc) AS end_utc
  FROM numbered GROUP BY session_id, cohort_id, person_id, island
), totals AS (
  SELECT session_id, cohort_id, person_id, sum(epoch(b) - epoch(a)) / 60.0 AS minutes, min(a) AS first_join,
    max(b) AS last_leave, sum(n) AS connections,
    any_value(epoch(end_utc) - epoch(start_utc)) / 60.0 AS length
  FROM islands GROUP BY session_id, cohort_id, person_id
)
SELECT t.session_id, t.person_id, coalesce(e.role, 'guest'), t.minutes, 100.0 * t.minutes / t.length, t.first_join,
  t.last_leave, t.connections::INTEGER, t.minutes >= 1
FROM totals t
LEFT JOIN enrolment e ON e.person_id = t.person_id AND e.cohort_id = t.cohort_id AND e.status <> 'declined'
