SELECT person_id, name, value_code FROM person_attribute
