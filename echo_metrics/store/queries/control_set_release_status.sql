UPDATE release SET status = $status, approved_by = coalesce($approved_by::VARCHAR, approved_by), changed_at = $at WHERE id = $id
