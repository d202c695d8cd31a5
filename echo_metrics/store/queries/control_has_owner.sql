SELECT count(*) FROM account WHERE role = 'owner' AND disabled_at IS NULL AND (password <> '' OR $without_password)
