UPDATE account SET sessions_from = $at WHERE id = $id
