SELECT count(*) FROM (
  FROM submission SELECT form_key, external_id WHERE status = 'current' GROUP BY ALL HAVING count(*) > 1
)
