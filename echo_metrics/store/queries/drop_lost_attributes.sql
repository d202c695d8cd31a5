DELETE FROM person_attribute WHERE person_id NOT IN (SELECT id FROM person)
