DELETE FROM person_identifier WHERE person_id NOT IN (SELECT id FROM person)
