DELETE FROM throttle WHERE failed_at < $before
