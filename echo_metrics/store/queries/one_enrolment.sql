-- Of two enrolments of merged people in one cohort, the one in force counts, then the remaining person's own.
UPDATE enrolment SET person_id = NULL
FROM (
  SELECT own_person_id, cohort_id, row_number() OVER (
    PARTITION BY person_id, cohort_id ORDER BY status = 'declined', own_person_id <> person_id, own_person_id
  ) AS place FROM enrolment
) AS ranked
WHERE ranked.own_person_id = enrolment.own_person_id AND ranked.cohort_id = enrolment.cohort_id AND ranked.place > 1
