UPDATE session SET title = $title, start_utc = $start, end_utc = $end, kind = $kind WHERE id = $session
