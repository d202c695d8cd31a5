DELETE FROM match_link WHERE meeting_id NOT IN (SELECT id FROM meeting)
