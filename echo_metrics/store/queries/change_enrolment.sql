UPDATE enrolment SET status = $status, role = $role WHERE person_id = $person AND cohort_id = $cohort
