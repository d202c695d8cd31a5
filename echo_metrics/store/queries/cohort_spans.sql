-- When the cohorts of a network ran, those without dates left out.
SELECT start_date, end_date FROM cohort
WHERE network_id = $network AND start_date IS NOT NULL AND end_date IS NOT NULL
  AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], id))
ORDER BY start_date
