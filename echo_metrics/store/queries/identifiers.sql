SELECT kind, value_key, person_id FROM person_identifier
