UPDATE network SET key = $key, topic = $topic, setting = $setting, meeting_id = $meeting_id WHERE id = $network
