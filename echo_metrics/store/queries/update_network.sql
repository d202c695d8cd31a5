UPDATE network SET key = $key, name = $name, topic = $topic, setting = $setting, meeting_id = $meeting_id
WHERE id = $network
