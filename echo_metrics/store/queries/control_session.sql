SELECT account_id, kind, created_at, seen_at, ended_at FROM session WHERE hash = $hash
