-- Known errors of sources, declared in a corrections file (file_id) or on the screen (no file_id), and what each did to
-- which file. `applied` false: it did not fit the file, and `became` says why.

CREATE TABLE correction (
  id BIGINT, file_id BIGINT, row_no INTEGER, body VARCHAR, declared_by VARCHAR, declared_at TIMESTAMP,
  withdrawn_by VARCHAR, withdrawn_at TIMESTAMP
);
CREATE TABLE applied_correction (
  file_id BIGINT, correction_id BIGINT, sheet VARCHAR, row_no INTEGER, column_name VARCHAR, was VARCHAR, became VARCHAR,
  reason VARCHAR, reviewed_by VARCHAR, applied BOOLEAN
);
