SELECT DISTINCT person_key FROM code_form
