SELECT failures, failed_at FROM throttle WHERE kind = $kind AND key_hash = $key
