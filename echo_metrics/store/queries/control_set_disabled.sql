UPDATE account SET disabled_at = $disabled_at WHERE id = $id
