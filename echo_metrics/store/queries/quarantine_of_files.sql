SELECT file_id, sheet, row_no, column_name, code, message, cells FROM quarantined_row ORDER BY file_id, row_no
