-- Ended or past every limit: nothing needs these rows any more.
DELETE FROM session WHERE created_at < $before
