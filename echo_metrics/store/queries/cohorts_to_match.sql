SELECT id, network_id, name, number FROM cohort ORDER BY id
