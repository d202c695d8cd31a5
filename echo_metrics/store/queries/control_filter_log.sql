SELECT asked_at, filters, people FROM filter_log WHERE who = $who ORDER BY asked_at DESC LIMIT $limit
