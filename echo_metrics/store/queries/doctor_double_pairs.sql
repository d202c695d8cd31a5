SELECT count(*) FROM (
  FROM pair SELECT contrast, cohort_id, session_id, person_key GROUP BY ALL HAVING count(*) > 1
)
