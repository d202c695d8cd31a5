UPDATE submission SET started_utc = timezone('UTC', timezone($new, timezone($old, timezone('UTC', started_utc)))), submitted_utc = timezone('UTC', timezone($new, timezone($old, timezone('UTC', submitted_utc))))
WHERE file_id IN (SELECT id FROM source_file WHERE tz = $old)
