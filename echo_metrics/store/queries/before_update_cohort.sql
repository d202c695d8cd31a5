SELECT * FROM cohort WHERE id = $cohort
