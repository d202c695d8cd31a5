SELECT kind, account_id, expires_at, spent_at FROM one_time_token WHERE hash = $hash
