DELETE FROM score WHERE submission_id NOT IN (SELECT id FROM submission)
