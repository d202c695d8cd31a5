UPDATE submission SET status = 'vanished' WHERE id = $submission
