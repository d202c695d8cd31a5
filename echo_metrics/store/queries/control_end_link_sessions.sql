UPDATE link_session SET ended_at = $at WHERE link_id = $link AND ended_at IS NULL
