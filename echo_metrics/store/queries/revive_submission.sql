UPDATE submission SET status = 'current' WHERE id = $submission
