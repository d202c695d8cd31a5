DELETE FROM hub WHERE file_id = $file AND id NOT IN (SELECT hub_id FROM network) AND id NOT IN (SELECT hub_id FROM person)
