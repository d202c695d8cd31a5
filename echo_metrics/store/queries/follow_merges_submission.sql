UPDATE submission SET
  person_id = coalesce((SELECT p.merged_into FROM person p WHERE p.id = own_person_id), own_person_id),
  person_key = 'p' || coalesce((SELECT p.merged_into FROM person p WHERE p.id = own_person_id), own_person_id)
WHERE own_person_id IS NOT NULL
  AND person_id IS DISTINCT FROM coalesce((SELECT p.merged_into FROM person p WHERE p.id = own_person_id), own_person_id)
