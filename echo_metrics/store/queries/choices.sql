SELECT code, choices FROM question ORDER BY file_id, row_no
