SELECT id, file_id, sheet, row_no FROM submission
WHERE own_person_id IN (SELECT unnest($people)) OR person_key IN (SELECT unnest($keys))
