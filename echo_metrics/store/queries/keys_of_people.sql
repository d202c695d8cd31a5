SELECT kind, value_key, shown FROM person_identifier WHERE person_id IN (SELECT unnest($people))
