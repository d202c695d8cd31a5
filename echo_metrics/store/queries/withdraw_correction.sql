UPDATE correction SET withdrawn_by = $who, withdrawn_at = $now WHERE id = $id AND file_id IS NULL AND withdrawn_at IS NULL
