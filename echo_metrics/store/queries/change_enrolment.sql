UPDATE enrolment SET status = $status, role = $role WHERE own_person_id = $person AND cohort_id = $cohort
