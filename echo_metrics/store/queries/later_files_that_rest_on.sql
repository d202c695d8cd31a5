-- Later files that could not be as they are without this one: exports that left rows out because they were there already,
-- answers read by its dictionary, and whatever stands in networks that it brought.
WITH own AS (SELECT * FROM source_file WHERE id = $file)
SELECT DISTINCT f.id, f.name FROM source_file f JOIN ignored_rows i ON i.file_id = f.id CROSS JOIN own
WHERE f.id > own.id AND f.format = own.format AND i.rule IN ('already there', 'a newer version is there') AND i.n > 0
  AND f.form_key IS NOT DISTINCT FROM own.form_key
  AND (own.form_key IS NOT NULL OR f.said_network IS NOT DISTINCT FROM own.said_network)
UNION
SELECT DISTINCT f.id, f.name FROM source_file f JOIN submission s ON s.file_id = f.id CROSS JOIN own
WHERE f.id > own.id AND EXISTS (FROM question q WHERE q.file_id = own.id) AND f.format LIKE 'redcap%'
UNION
SELECT DISTINCT f.id, f.name FROM source_file f CROSS JOIN own
WHERE f.id <> own.id AND own.format = 'programme' AND f.format <> 'programme'
ORDER BY 1
