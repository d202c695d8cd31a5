UPDATE account SET password = $password WHERE id = $id
