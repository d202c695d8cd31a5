SELECT table_name, column_name FROM information_schema.columns
WHERE table_catalog = current_database() AND table_schema = current_schema() AND data_type = $type
ORDER BY table_name, ordinal_position
