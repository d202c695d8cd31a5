SELECT
  (SELECT count(*) FROM response WHERE file_id IS NULL OR row_no IS NULL OR column_no IS NULL)
  + (SELECT count(*) FROM submission WHERE file_id IS NULL OR row_no IS NULL)
  + (SELECT count(*) FROM connection WHERE file_id IS NULL OR row_no IS NULL)
  + (SELECT count(*) FROM submission s WHERE NOT EXISTS (FROM source_file f WHERE f.id = s.file_id))
