UPDATE forum_post SET posted_utc = timezone('UTC', timezone($new, timezone($old, timezone('UTC', posted_utc))))
WHERE file_id IN (SELECT id FROM source_file WHERE tz = $old)
