UPDATE one_time_token SET spent_at = $at WHERE hash = $hash
