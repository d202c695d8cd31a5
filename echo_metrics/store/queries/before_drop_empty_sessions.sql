SELECT * FROM session
WHERE kind = 'unscheduled' AND cohort_id IN (SELECT id FROM cohort WHERE network_id = $network)
  AND id NOT IN (SELECT session_id FROM session_meeting)
  AND id NOT IN (SELECT session_id FROM submission WHERE session_id IS NOT NULL)
