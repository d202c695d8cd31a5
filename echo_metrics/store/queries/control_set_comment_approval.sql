UPDATE comment_approval SET approved_by = coalesce($by::VARCHAR, approved_by), approved_at = coalesce($at::TIMESTAMP, approved_at),
  withdrawn_at = $withdrawn::TIMESTAMP
WHERE key = $key
