-- Guests who were named anew while an import was taken back belong to the file of their first connection.
UPDATE person_identifier SET file_id = (SELECT min(c.file_id) FROM connection c WHERE c.person_id = person_identifier.person_id)
WHERE file_id = $file
