DELETE FROM person_identifier WHERE own_person_id NOT IN (SELECT id FROM person)
