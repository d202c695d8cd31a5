SELECT id, email, name, role, all_networks, row_level, password <> '' AS has_password, created_at, disabled_at, sessions_from,
  coalesce((SELECT list(network_key ORDER BY network_key) FROM account_network WHERE account_id = account.id), []) AS networks
FROM account
WHERE ($id = '' OR id = $id) AND ($email = '' OR email = $email)
ORDER BY created_at, id
