SELECT token_hash, passcode FROM link WHERE id = $id
