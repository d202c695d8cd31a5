DELETE FROM attendance WHERE session_id IN (SELECT unnest($sessions::BIGINT[]))
