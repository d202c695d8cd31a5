SELECT * FROM enrolment WHERE person_id = $person AND cohort_id = $cohort
