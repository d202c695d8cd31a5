SELECT * FROM ledger WHERE network_id = $network AND cohort_id IS NOT DISTINCT FROM $cohort
