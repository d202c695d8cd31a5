UPDATE session SET ended_at = $at WHERE account_id = $account AND ended_at IS NULL AND hash <> $keep
