SELECT coalesce(own_person_id, person_id), role, status FROM enrolment WHERE cohort_id = $cohort
