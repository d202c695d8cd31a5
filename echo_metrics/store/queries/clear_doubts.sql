DELETE FROM match_link WHERE meeting_id = $meeting AND status = 'review'
