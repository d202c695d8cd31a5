-- Improvement cycles of whole networks or cohorts; one without a cohort is the whole network's.
SELECT c.id, c.file_id, c.row_no, c.network_id, n.key AS network_key, n.name AS network, k.name AS cohort, c.title, c.aim, c.measure,
  c.prediction, c.start_date, c.end_date, c.did, c.learned, c.next_step, c.declared_by, c.declared_at
FROM pdsa_cycle c JOIN network n ON n.id = c.network_id LEFT JOIN cohort k ON k.id = c.cohort_id
WHERE list_contains($networks::BIGINT[], c.network_id)
  AND ($cohorts::BIGINT[] IS NULL OR c.cohort_id IS NULL OR list_contains($cohorts::BIGINT[], c.cohort_id))
ORDER BY n.name, c.start_date NULLS LAST, c.title
