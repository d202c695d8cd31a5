SELECT id, network, cohort, name, changes, why, ledger, outcome, made_by, made_at FROM scenario
WHERE removed_at IS NULL AND network = $network AND cohort = $cohort ORDER BY id
