-- What a file told of people goes with it, except of those whom another registration list enrolled as well: it told the same.
DELETE FROM person_identifier WHERE file_id = $file
  AND own_person_id NOT IN (SELECT own_person_id FROM enrolment WHERE file_id <> $file)
