SELECT display_folded, email_key, join_utc, leave_utc FROM connection WHERE meeting_id = $meeting
