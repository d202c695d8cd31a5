SELECT fingerprint, heading, maps_to, said_network, said_cohort FROM remembered_map ORDER BY fingerprint, position
