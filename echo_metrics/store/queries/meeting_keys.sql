SELECT meeting_key, id FROM meeting WHERE network_id = $network
