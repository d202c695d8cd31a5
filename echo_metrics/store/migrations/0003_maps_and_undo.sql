-- What people confirmed about a form's columns, by the fingerprint of its headings; and what stood in the store before an
-- import changed or took away rows that other files had brought, so that the import can be taken back.

CREATE TABLE remembered_map (
  fingerprint VARCHAR, position INTEGER, heading VARCHAR, maps_to VARCHAR, said_network VARCHAR, said_cohort VARCHAR,
  confirmed_by VARCHAR, confirmed_at TIMESTAMP
);
CREATE TABLE row_before (file_id BIGINT, step INTEGER, table_name VARCHAR, row VARCHAR);
CREATE TABLE undone_import (
  file_id BIGINT, sha256 VARCHAR, name VARCHAR, format VARCHAR, rows_read BIGINT, undone_by VARCHAR, undone_at TIMESTAMP
);
CREATE TABLE own_instrument (key VARCHAR, body VARCHAR, added_by VARCHAR, added_at TIMESTAMP);
