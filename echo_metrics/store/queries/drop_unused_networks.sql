DELETE FROM network WHERE file_id = $file
  AND id NOT IN (SELECT network_id FROM cohort) AND id NOT IN (SELECT network_id FROM meeting)
  AND id NOT IN (SELECT network_id FROM submission WHERE network_id IS NOT NULL)
  AND id NOT IN (SELECT network_id FROM forum_post WHERE network_id IS NOT NULL)
  AND id NOT IN (SELECT network_id FROM ledger WHERE network_id IS NOT NULL)
  AND id NOT IN (SELECT network_id FROM case_presentation WHERE network_id IS NOT NULL)
  AND id NOT IN (SELECT network_id FROM pdsa_cycle WHERE network_id IS NOT NULL)
  AND id NOT IN (SELECT network_id FROM cost WHERE network_id IS NOT NULL)
