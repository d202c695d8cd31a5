-- Local times that were read in the hub's old zone are read in its new one.
UPDATE connection SET join_utc = timezone('UTC', timezone($new, timezone($old, timezone('UTC', join_utc)))), leave_utc = timezone('UTC', timezone($new, timezone($old, timezone('UTC', leave_utc))))
WHERE file_id IN (SELECT id FROM source_file WHERE tz = $old)
