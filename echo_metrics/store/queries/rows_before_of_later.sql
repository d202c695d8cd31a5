SELECT b.file_id, f.name, b.table_name, b.row FROM row_before b JOIN source_file f ON f.id = b.file_id WHERE b.file_id > $file ORDER BY b.file_id
