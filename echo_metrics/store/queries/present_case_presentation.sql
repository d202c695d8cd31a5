-- Cases that are there already, to know a row of a later file again: whole rows, so that a changed one is not lost.
SELECT network_id, cohort_id, session_id, presenter, topic, is_followup, deidentified, recommendations_sent
FROM case_presentation
