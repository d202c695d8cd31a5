-- Cases that are there already, to know a row of a later file again.
SELECT network_id, cohort_id, session_id, presenter, topic, is_followup FROM case_presentation
