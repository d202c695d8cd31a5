DELETE FROM pair WHERE network_id = $network
