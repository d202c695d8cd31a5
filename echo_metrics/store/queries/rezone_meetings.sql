UPDATE meeting SET start_utc = timezone('UTC', timezone($new, timezone($old, timezone('UTC', start_utc)))), end_utc = timezone('UTC', timezone($new, timezone($old, timezone('UTC', end_utc))))
WHERE file_id IN (SELECT id FROM source_file WHERE tz = $old)
