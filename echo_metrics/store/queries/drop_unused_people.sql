-- People whom nothing in the store speaks of any more.
DELETE FROM person WHERE id NOT IN (SELECT person_id FROM person_identifier) AND id NOT IN (SELECT person_id FROM enrolment)
  AND id NOT IN (SELECT person_id FROM submission WHERE person_id IS NOT NULL)
  AND id NOT IN (SELECT person_id FROM connection WHERE person_id IS NOT NULL)
