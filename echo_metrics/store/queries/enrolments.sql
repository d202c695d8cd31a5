SELECT person_id, role, status FROM enrolment WHERE cohort_id = $cohort
