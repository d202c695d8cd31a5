SELECT s.* FROM submission s JOIN person_attribute a ON a.person_id = s.person_id AND a.name = 'discipline'
WHERE s.discipline = 'unknown' AND s.network_id = $network
