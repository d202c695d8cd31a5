-- Labels of coded choices by variable. A survey definition's variables (Q1, Q2 ...) come again in every survey, so there the
-- wording belongs to the key.
SELECT CASE WHEN starts_with(form, 'qualtrics:') THEN code || chr(10) || wording ELSE code END AS code, choices
FROM question ORDER BY file_id, row_no
