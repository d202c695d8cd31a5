DELETE FROM filter_log WHERE who = $who AND asked_at < $before
