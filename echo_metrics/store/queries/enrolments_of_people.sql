SELECT file_id, row_no FROM enrolment WHERE person_id IN (SELECT unnest($people))
