SELECT file_id, sheet, row_no, column_name, severity, code, message FROM load_issue ORDER BY file_id, row_no NULLS FIRST
