-- The canonical model. No PRIMARY KEY, UNIQUE, CHECK, sequence, ENUM or index: the same SQL has to run on a shared lake
-- that offers none of them. Keys are kept by the write transaction, which holds the one row of write_lock.
-- Times are UTC; a file's assumed zone stands in source_file.tz.

CREATE TABLE write_lock (turn BIGINT);
INSERT INTO write_lock VALUES (0);
CREATE TABLE data_version (version BIGINT, changed_at TIMESTAMP);
INSERT INTO data_version VALUES (0, TIMESTAMP '1970-01-01');
CREATE TABLE setting (name VARCHAR, value VARCHAR);

-- 1. Files as they came
CREATE TABLE source_file (
  id BIGINT, sha256 VARCHAR, name VARCHAR, size BIGINT, format VARCHAR, variant VARCHAR, encoding VARCHAR,
  header_row INTEGER, date_order VARCHAR, tz VARCHAR, said_network VARCHAR, said_cohort VARCHAR, form_key VARCHAR,
  latest_answer TIMESTAMP, status VARCHAR, rows_read BIGINT, rows_loaded BIGINT, rows_quarantined BIGINT,
  people BIGINT, connections BIGINT, responses BIGINT, synthetic BOOLEAN, loaded_at TIMESTAMP, reader_version VARCHAR
);
CREATE TABLE ignored_rows (file_id BIGINT, rule VARCHAR, n BIGINT);
CREATE TABLE quarantined_row (
  file_id BIGINT, sheet VARCHAR, row_no INTEGER, column_name VARCHAR, code VARCHAR, message VARCHAR, cells VARCHAR
);
CREATE TABLE load_issue (
  file_id BIGINT, sheet VARCHAR, row_no INTEGER, column_name VARCHAR, severity VARCHAR, code VARCHAR, message VARCHAR
);
CREATE TABLE column_map (file_id BIGINT, position INTEGER, heading VARCHAR, maps_to VARCHAR, confidence DOUBLE);

-- 2. Programmes
CREATE TABLE hub (id BIGINT, name VARCHAR, country VARCHAR, tz VARCHAR, currency VARCHAR, locale VARCHAR, file_id BIGINT);
CREATE TABLE network (
  id BIGINT, hub_id BIGINT, key VARCHAR, name VARCHAR, topic VARCHAR, setting VARCHAR, meeting_id VARCHAR, file_id BIGINT
);
CREATE TABLE cohort (
  id BIGINT, network_id BIGINT, name VARCHAR, number INTEGER, start_date DATE, end_date DATE, invited INTEGER,
  planned_sessions INTEGER, file_id BIGINT
);
CREATE TABLE session (
  id BIGINT, cohort_id BIGINT, number INTEGER, title VARCHAR, start_utc TIMESTAMP, end_utc TIMESTAMP, kind VARCHAR,
  file_id BIGINT
);
CREATE TABLE meeting (
  id BIGINT, network_id BIGINT, meeting_key VARCHAR, platform VARCHAR, platform_id VARCHAR, topic VARCHAR,
  start_utc TIMESTAMP, end_utc TIMESTAMP, file_id BIGINT
);
CREATE TABLE session_meeting (session_id BIGINT, meeting_id BIGINT);

-- 3. People. Identifiers stand apart from answers; those that only need comparing are keyed hashes.
CREATE TABLE person (id BIGINT, hub_id BIGINT, merged_into BIGINT);
CREATE TABLE person_identifier (person_id BIGINT, kind VARCHAR, value_key VARCHAR, shown VARCHAR, file_id BIGINT, row_no INTEGER);
CREATE TABLE person_attribute (
  person_id BIGINT, name VARCHAR, value_raw VARCHAR, value_code VARCHAR, file_id BIGINT, row_no INTEGER
);
CREATE TABLE enrolment (
  person_id BIGINT, cohort_id BIGINT, role VARCHAR, status VARCHAR, file_id BIGINT, row_no INTEGER
);
CREATE TABLE match_link (
  id BIGINT, network_id BIGINT, meeting_id BIGINT, shown VARCHAR, person_id BIGINT, candidate_id BIGINT, method VARCHAR,
  score DOUBLE, status VARCHAR
);

-- 4. Attendance
CREATE TABLE connection (
  id BIGINT, meeting_id BIGINT, person_id BIGINT, kind VARCHAR, display_name VARCHAR, original_name VARCHAR,
  display_folded VARCHAR, email_key VARCHAR, join_utc TIMESTAMP, leave_utc TIMESTAMP, minutes_reported DOUBLE, guest VARCHAR, method VARCHAR,
  file_id BIGINT, row_no INTEGER
);
CREATE TABLE attendance (
  session_id BIGINT, person_id BIGINT, role VARCHAR, minutes DOUBLE, pct_of_session DOUBLE, first_join TIMESTAMP,
  last_leave TIMESTAMP, connections INTEGER, attended BOOLEAN
);

-- 5. Surveys
CREATE TABLE question (
  file_id BIGINT, row_no INTEGER, form VARCHAR, code VARCHAR, kind VARCHAR, wording VARCHAR, choices VARCHAR
);
CREATE TABLE submission (
  id BIGINT, file_id BIGINT, sheet VARCHAR, row_no INTEGER, form_key VARCHAR, external_id VARCHAR, content_hash VARCHAR,
  status VARCHAR, network_id BIGINT, cohort_id BIGINT, session_id BIGINT, instrument VARCHAR, wave VARCHAR, event VARCHAR,
  person_key VARCHAR, person_id BIGINT, key_kind VARCHAR, discipline VARCHAR, started_utc TIMESTAMP, submitted_utc TIMESTAMP,
  complete BOOLEAN, preview BOOLEAN
);
CREATE TABLE response (
  submission_id BIGINT, file_id BIGINT, row_no INTEGER, column_no INTEGER, question VARCHAR, item VARCHAR, raw VARCHAR,
  value DOUBLE, missing_reason VARCHAR
);
CREATE TABLE response_text (
  submission_id BIGINT, file_id BIGINT, row_no INTEGER, column_no INTEGER, question VARCHAR, body VARCHAR
);
CREATE TABLE score (submission_id BIGINT, measure VARCHAR, key BIGINT);
CREATE TABLE pair (
  contrast VARCHAR, network_id BIGINT, cohort_id BIGINT, session_id BIGINT, from_submission BIGINT, to_submission BIGINT,
  person_key VARCHAR, discipline VARCHAR, after_utc TIMESTAMP, key_kind VARCHAR
);

-- 6. Around the scores
CREATE TABLE forum_post (
  network_id BIGINT, author VARCHAR, posted_utc TIMESTAMP, thread VARCHAR, kind VARCHAR, body VARCHAR, likes INTEGER,
  file_id BIGINT, row_no INTEGER
);
CREATE TABLE case_presentation (
  network_id BIGINT, cohort_id BIGINT, session_id BIGINT, presenter VARCHAR, topic VARCHAR, is_followup BOOLEAN,
  deidentified BOOLEAN, recommendations_sent DATE, file_id BIGINT, row_no INTEGER
);
CREATE TABLE pdsa_cycle (
  network_id BIGINT, cohort_id BIGINT, title VARCHAR, aim VARCHAR, measure VARCHAR, prediction VARCHAR, start_date DATE,
  end_date DATE, did VARCHAR, learned VARCHAR, next_step VARCHAR, file_id BIGINT, row_no INTEGER
);
CREATE TABLE cost (
  network_id BIGINT, cohort_id BIGINT, category VARCHAR, amount DOUBLE, currency VARCHAR, year INTEGER, quantity DOUBLE,
  unit_cost DOUBLE, basis VARCHAR, file_id BIGINT, row_no INTEGER
);
CREATE TABLE ledger (network_id BIGINT, cohort_id BIGINT, title VARCHAR, body VARCHAR, file_id BIGINT);
