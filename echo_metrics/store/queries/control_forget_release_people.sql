DELETE FROM release_people WHERE release_id = $id
