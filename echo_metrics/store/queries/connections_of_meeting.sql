SELECT id, row_no, display_name, original_name, email_key FROM connection WHERE meeting_id = $meeting ORDER BY id
