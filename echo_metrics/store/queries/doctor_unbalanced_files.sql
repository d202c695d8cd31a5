SELECT count(*) FROM source_file f
WHERE rows_read <> rows_loaded + rows_quarantined + coalesce((SELECT sum(n) FROM ignored_rows i WHERE i.file_id = f.id), 0)
  OR rows_quarantined <> (SELECT count(*) FROM quarantined_row q WHERE q.file_id = f.id)
