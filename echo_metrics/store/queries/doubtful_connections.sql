-- Where a doubtful name was shown: meeting, moment, minutes, and how it stood on the screen.
SELECT DISTINCT l.network_id, l.shown, m.id AS meeting_id, m.start_utc, c.join_utc, c.leave_utc, c.minutes_reported,
  c.display_name, c.id AS connection_id
FROM match_link l
JOIN meeting m ON m.id = l.meeting_id
JOIN connection c ON c.meeting_id = l.meeting_id AND (c.display_name = l.shown OR c.original_name = l.shown)
WHERE l.status = 'review'
ORDER BY m.start_utc, c.join_utc, c.id
