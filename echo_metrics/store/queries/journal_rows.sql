SELECT file_id, step, row FROM row_before WHERE table_name IN ('submission', 'enrolment')
