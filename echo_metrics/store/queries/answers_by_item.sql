-- The answers that a file brought to known questions: how many count, and how many do not and why.
SELECT item, count(*) AS n, count(*) FILTER (missing_reason = 'na') AS not_applicable
FROM response WHERE file_id = $file AND item IS NOT NULL GROUP BY item ORDER BY item
