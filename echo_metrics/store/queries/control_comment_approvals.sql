SELECT key, approved_by, approved_at, withdrawn_at FROM comment_approval
