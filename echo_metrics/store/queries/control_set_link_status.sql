UPDATE link SET status = $status, changed_at = $at WHERE id = $id
