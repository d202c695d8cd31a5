UPDATE scenario SET removed_at = $at WHERE id = $id
