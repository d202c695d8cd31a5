UPDATE account SET name = $name WHERE id = $id
