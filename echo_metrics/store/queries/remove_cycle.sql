DELETE FROM pdsa_cycle WHERE id = $id AND file_id IS NULL
