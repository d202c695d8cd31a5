SELECT DISTINCT unnest([display_name, original_name]) AS name FROM connection WHERE person_id IN (SELECT unnest($people))
