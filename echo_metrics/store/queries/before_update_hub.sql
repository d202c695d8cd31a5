SELECT * FROM hub WHERE id = $hub
