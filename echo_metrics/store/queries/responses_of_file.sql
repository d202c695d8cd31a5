SELECT s.file_id, count(*) FROM submission s
JOIN (SELECT submission_id FROM response UNION ALL SELECT submission_id FROM response_text) r ON r.submission_id = s.id
WHERE s.id IN (SELECT unnest($submissions)) GROUP BY s.file_id
