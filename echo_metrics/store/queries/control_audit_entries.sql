SELECT audit.number, audit.happened_at, audit.who, coalesce(nullif(account.name, ''), account.email, '') AS who_name, audit.action,
  audit.subject, audit.detail, audit.digest
FROM audit LEFT JOIN account ON account.id = audit.who
WHERE ($who = '' OR audit.who = $who) AND ($action = '' OR audit.action = $action)
  AND audit.happened_at >= $since AND audit.happened_at < $until
  AND ($text = '' OR contains(lower(concat_ws(' ', audit.subject, audit.detail, account.name, account.email)), lower($text)))
ORDER BY audit.number DESC
LIMIT $limit
