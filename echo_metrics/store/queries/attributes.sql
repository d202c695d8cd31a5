SELECT coalesce(own_person_id, person_id), name, value_code FROM person_attribute
