SELECT kind, value_key, coalesce(own_person_id, person_id) FROM person_identifier
