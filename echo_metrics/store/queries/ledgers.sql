SELECT l.network_id, l.cohort_id, n.name AS network, n.key AS network_key, c.name AS cohort, l.title, l.body
FROM ledger l JOIN network n ON n.id = l.network_id LEFT JOIN cohort c ON c.id = l.cohort_id
WHERE list_contains($networks::BIGINT[], l.network_id)
  AND ($cohorts::BIGINT[] IS NULL OR l.cohort_id IS NULL OR list_contains($cohorts::BIGINT[], l.cohort_id))
ORDER BY n.id, c.number
