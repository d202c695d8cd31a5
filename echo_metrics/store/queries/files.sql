SELECT id, name, format, variant, status, rows_read, rows_loaded, rows_quarantined, people, connections, responses,
  loaded_at, synthetic
FROM source_file ORDER BY id DESC
