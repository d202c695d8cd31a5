SELECT id, file_id, row_no, person_id, display_name, original_name, email_key FROM connection
