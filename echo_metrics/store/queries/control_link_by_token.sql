SELECT id, passcode FROM link WHERE token_hash = $hash
