-- A newer token of the same kind, or a used one, ends those before it.
UPDATE one_time_token SET spent_at = $at WHERE spent_at IS NULL AND account_id = $account AND ($kind = '' OR kind = $kind)
