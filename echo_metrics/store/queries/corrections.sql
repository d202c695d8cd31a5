-- Corrections that stand, in the order in which they were declared.
SELECT c.id, c.body, c.declared_by, c.declared_at, coalesce(f.name, '') AS source, c.file_id,
  (SELECT count(*) FROM applied_correction a WHERE a.correction_id = c.id AND a.applied) AS applied,
  (SELECT count(*) FROM applied_correction a WHERE a.correction_id = c.id AND NOT a.applied) AS failed
FROM correction c LEFT JOIN source_file f ON f.id = c.file_id
WHERE c.withdrawn_at IS NULL ORDER BY c.id
