SELECT kind, value_key, shown FROM person_identifier WHERE own_person_id IN (SELECT unnest($people))
