SELECT table_name FROM information_schema.tables WHERE table_catalog = $database ORDER BY table_name
