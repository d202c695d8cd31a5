SELECT file_id, rule, n FROM ignored_rows ORDER BY file_id, rule
