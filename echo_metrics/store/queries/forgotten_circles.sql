SELECT circle, min(forgotten_at), min(forgotten_by), count(*) FROM forgotten GROUP BY circle ORDER BY circle
