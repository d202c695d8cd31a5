-- People of whom nothing is told any more: no enrolment, no answers, no connection. What they were known by goes with them.
DELETE FROM person WHERE id NOT IN (SELECT own_person_id FROM enrolment)
  AND id NOT IN (SELECT own_person_id FROM submission WHERE own_person_id IS NOT NULL)
  AND id NOT IN (SELECT person_id FROM connection WHERE person_id IS NOT NULL)
  AND merged_into IS NULL AND id NOT IN (SELECT merged_into FROM person WHERE merged_into IS NOT NULL)
