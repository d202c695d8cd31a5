SELECT id, sha256, name, format, rows_read, status FROM source_file WHERE id = $file
