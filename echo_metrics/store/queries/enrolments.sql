SELECT person_id, role FROM enrolment WHERE cohort_id = $cohort
