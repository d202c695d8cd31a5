-- Nothing counts for somebody who was merged into somebody else, nobody is merged into nobody or in a circle.
WITH gone AS (SELECT id FROM person WHERE merged_into IS NOT NULL)
SELECT (SELECT count(*) FROM enrolment WHERE person_id IN (FROM gone))
  + (SELECT count(*) FROM submission WHERE person_id IN (FROM gone))
  + (SELECT count(*) FROM connection WHERE person_id IN (FROM gone))
  + (SELECT count(*) FROM attendance WHERE person_id IN (FROM gone))
  + (SELECT count(*) FROM person WHERE merged_into IN (FROM gone))
  + (SELECT count(*) FROM person WHERE merged_into IS NOT NULL AND merged_into NOT IN (SELECT id FROM person))
