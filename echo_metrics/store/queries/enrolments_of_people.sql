SELECT file_id, row_no FROM enrolment WHERE own_person_id IN (SELECT unnest($people))
