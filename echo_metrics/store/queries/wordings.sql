-- How the questions of a file are worded, here and in other files of its format, by the moment they were asked at. The
-- file itself has no row of its own yet: it is being loaded.
SELECT DISTINCT r.item, s.wave, r.question, r.file_id = $file AS here
FROM response r
JOIN submission s ON s.id = r.submission_id
LEFT JOIN source_file f ON f.id = r.file_id
WHERE (r.file_id = $file OR f.format = $format)
  AND r.item IN (SELECT item FROM response WHERE file_id = $file AND item IS NOT NULL)
ORDER BY r.item, s.wave, r.question
