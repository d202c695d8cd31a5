SELECT * FROM enrolment WHERE own_person_id = $person AND cohort_id = $cohort
