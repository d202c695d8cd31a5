SELECT
  (SELECT count(*) FROM response r WHERE NOT EXISTS (FROM submission s WHERE s.id = r.submission_id))
  + (SELECT count(*) FROM score r WHERE NOT EXISTS (FROM submission s WHERE s.id = r.submission_id))
  + (SELECT count(*) FROM pair p WHERE NOT EXISTS (FROM submission s WHERE s.id = p.from_submission)
      OR NOT EXISTS (FROM submission s WHERE s.id = p.to_submission))
  + (SELECT count(*) FROM connection c WHERE NOT EXISTS (FROM meeting m WHERE m.id = c.meeting_id))
  + (SELECT count(*) FROM submission s WHERE NOT EXISTS (FROM cohort c WHERE c.id = s.cohort_id))
