-- A restored backup may hold somebody who asked to be forgotten since.
SELECT (SELECT count(*) FROM person_identifier WHERE value_key IN (SELECT value_key FROM forgotten))
  + (SELECT count(*) FROM submission WHERE person_key IN (SELECT value_key FROM forgotten))
