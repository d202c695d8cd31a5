DELETE FROM person_attribute WHERE file_id = $file
  AND own_person_id NOT IN (SELECT own_person_id FROM enrolment WHERE file_id <> $file)
