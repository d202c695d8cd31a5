-- What somebody decided about people: which name is whom, which is a room, which two people are one. Rows are added and
-- withdrawn, never deleted; matching reads those that stand. `person_id` in the tables of people and answers follows the
-- merges that stand; `own_person_id` is the person as the file told it, so that a merge can be taken back exactly.
-- An enrolment or attribute that a merged person has twice counts once: the other one's person_id is NULL.

CREATE TABLE decision (
  id BIGINT, kind VARCHAR, network_id BIGINT, meeting_id BIGINT, subject VARCHAR, shown VARCHAR, person_id BIGINT,
  other_id BIGINT, who_kind VARCHAR, who_key VARCHAR, heads INTEGER, decided_by VARCHAR, decided_at TIMESTAMP,
  withdrawn_by VARCHAR, withdrawn_at TIMESTAMP
);
ALTER TABLE connection ADD COLUMN heads INTEGER;
ALTER TABLE enrolment ADD COLUMN own_person_id BIGINT;
UPDATE enrolment SET own_person_id = person_id;
ALTER TABLE submission ADD COLUMN own_person_id BIGINT;
UPDATE submission SET own_person_id = person_id;
ALTER TABLE person_identifier ADD COLUMN own_person_id BIGINT;
UPDATE person_identifier SET own_person_id = person_id;
ALTER TABLE person_attribute ADD COLUMN own_person_id BIGINT;
UPDATE person_attribute SET own_person_id = person_id;
