UPDATE cohort SET name = $name, number = $number, start_date = $start, end_date = $end, invited = $invited,
  planned_sessions = $planned
WHERE id = $cohort
