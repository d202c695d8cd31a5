SELECT id FROM person
