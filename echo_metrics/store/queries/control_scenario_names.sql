SELECT id, name, made_by FROM scenario WHERE removed_at IS NULL AND network = $network AND cohort = $cohort
