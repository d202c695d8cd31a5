SELECT file_id, sheet, row_no, column_name, was, became, reason, reviewed_by, applied FROM applied_correction
ORDER BY file_id, correction_id, row_no
