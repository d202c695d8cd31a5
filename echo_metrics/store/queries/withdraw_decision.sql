UPDATE decision SET withdrawn_by = $who, withdrawn_at = $now WHERE id = $id AND withdrawn_at IS NULL
