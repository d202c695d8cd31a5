SELECT table_name, row FROM row_before WHERE file_id = $file ORDER BY step DESC
