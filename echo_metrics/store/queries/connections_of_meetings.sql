SELECT meeting_id, id, row_no, display_name, original_name, email_key, coalesce(shared_address, false) FROM connection
WHERE meeting_id IN (SELECT unnest($meetings::BIGINT[])) ORDER BY meeting_id, id
