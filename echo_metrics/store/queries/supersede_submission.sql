UPDATE submission SET status = 'superseded' WHERE id = $submission
