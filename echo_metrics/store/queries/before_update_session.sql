SELECT * FROM session WHERE id = $session
