DELETE FROM code_form WHERE person_key NOT IN (SELECT person_key FROM submission WHERE person_key IS NOT NULL)
