-- Who stands behind the change figures of a filter: compared between filters, never shown.
SELECT DISTINCT cohort_id, person_key FROM pair
WHERE list_contains($networks::BIGINT[], network_id)
  AND ($cohorts::BIGINT[] IS NULL OR list_contains($cohorts::BIGINT[], cohort_id))
  AND ($discipline::VARCHAR IS NULL OR discipline = $discipline)
  AND ($start::TIMESTAMP IS NULL OR after_utc >= $start)
  AND ($end::TIMESTAMP IS NULL OR after_utc < $end)
