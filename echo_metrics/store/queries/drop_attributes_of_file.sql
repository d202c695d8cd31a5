DELETE FROM person_attribute WHERE file_id = $file
  AND person_id NOT IN (SELECT person_id FROM enrolment WHERE file_id <> $file)
