SELECT DISTINCT form_key FROM source_file WHERE form_key IS NOT NULL AND starts_with(form_key, $prefix) ORDER BY form_key
