SELECT key, body FROM own_instrument ORDER BY added_at, key
