DELETE FROM person_attribute WHERE own_person_id NOT IN (SELECT id FROM person)
