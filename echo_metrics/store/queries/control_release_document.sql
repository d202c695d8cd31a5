SELECT document, status FROM release WHERE id = $id
