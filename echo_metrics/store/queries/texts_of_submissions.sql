SELECT body FROM response_text WHERE submission_id IN (SELECT unnest($submissions))
UNION SELECT raw FROM response WHERE submission_id IN (SELECT unnest($submissions)) AND length(raw) >= 20
