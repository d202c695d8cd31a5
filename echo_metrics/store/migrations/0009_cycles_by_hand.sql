-- Improvement cycles that are written on the screen: they have no file, but a number and who wrote them when.

ALTER TABLE pdsa_cycle ADD COLUMN id BIGINT;
ALTER TABLE pdsa_cycle ADD COLUMN declared_by VARCHAR;
ALTER TABLE pdsa_cycle ADD COLUMN declared_at TIMESTAMP;
