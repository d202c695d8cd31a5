-- Sessions that an undone file brought and that nothing else uses.
DELETE FROM session WHERE file_id = $file
  AND id NOT IN (SELECT session_id FROM session_meeting)
  AND id NOT IN (SELECT session_id FROM submission WHERE session_id IS NOT NULL)
  AND id NOT IN (SELECT session_id FROM case_presentation WHERE session_id IS NOT NULL)
