UPDATE pdsa_cycle SET cohort_id = $cohort_id, title = $title, aim = $aim, measure = $measure, prediction = $prediction,
  start_date = $start_date, end_date = $end_date, did = $did, learned = $learned, next_step = $next_step,
  declared_by = $declared_by, declared_at = $declared_at
WHERE id = $id AND file_id IS NULL
