UPDATE throttle SET failures = $failures, failed_at = $at WHERE kind = $kind AND key_hash = $key
