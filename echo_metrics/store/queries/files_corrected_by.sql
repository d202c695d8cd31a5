-- Files that stand as the corrections of this file made them.
SELECT DISTINCT f.id, f.name FROM applied_correction a
JOIN correction c ON c.id = a.correction_id JOIN source_file f ON f.id = a.file_id
WHERE c.file_id = $file AND a.applied AND a.file_id <> $file ORDER BY f.id DESC
