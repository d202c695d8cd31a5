UPDATE session SET ended_at = $at WHERE hash = $hash AND ended_at IS NULL
