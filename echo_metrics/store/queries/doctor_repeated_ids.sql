SELECT sum(n) FROM (
  SELECT count(*) - count(DISTINCT id) AS n FROM source_file
  UNION ALL SELECT count(*) - count(DISTINCT id) FROM network
  UNION ALL SELECT count(*) - count(DISTINCT id) FROM cohort
  UNION ALL SELECT count(*) - count(DISTINCT id) FROM session
  UNION ALL SELECT count(*) - count(DISTINCT id) FROM person
  UNION ALL SELECT count(*) - count(DISTINCT id) FROM connection
  UNION ALL SELECT count(*) - count(DISTINCT id) FROM submission
  UNION ALL SELECT count(*) - count(DISTINCT (kind, value_key)) FROM person_identifier
  UNION ALL SELECT count(*) - count(DISTINCT (session_id, person_id)) FROM attendance
  UNION ALL SELECT count(*) - count(DISTINCT (submission_id, measure)) FROM score
)
