UPDATE enrolment SET person_id = coalesce((SELECT p.merged_into FROM person p WHERE p.id = own_person_id), own_person_id)
WHERE person_id IS DISTINCT FROM coalesce((SELECT p.merged_into FROM person p WHERE p.id = own_person_id), own_person_id)
