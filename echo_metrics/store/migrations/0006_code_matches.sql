-- Self-generated codes that differ by one character can pair. Codes are stored as keyed hashes, which tell nothing of
-- likeness; so the hashes of a code with one character left out stand beside it: `less` without saying which, `at` with
-- its place. Two codes differ by one character exactly if one is a `less` of the other (a character more), or if they
-- share an `at` (another character in one place).

CREATE TABLE code_form (person_key VARCHAR, kind VARCHAR, form VARCHAR);
ALTER TABLE pair ADD COLUMN match VARCHAR;
UPDATE pair SET match = 'exact';
