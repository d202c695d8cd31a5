DELETE FROM account_network WHERE account_id = $id
