SELECT id FROM meeting WHERE network_id = $network AND meeting_key = $key
