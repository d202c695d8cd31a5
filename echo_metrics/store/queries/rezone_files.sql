UPDATE source_file SET tz = $new, latest_answer = timezone('UTC', timezone($new, timezone($old, timezone('UTC', latest_answer))))
WHERE tz = $old
