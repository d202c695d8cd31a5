SELECT * FROM network WHERE id = $network
