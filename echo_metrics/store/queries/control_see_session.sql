UPDATE session SET seen_at = $at WHERE hash = $hash
