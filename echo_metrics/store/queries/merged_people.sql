SELECT id, merged_into FROM person WHERE merged_into IS NOT NULL
