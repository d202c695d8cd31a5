-- Cycles of files that are there already, to know a row of a later file again: whole rows, so that a changed one is not
-- lost.
SELECT network_id, cohort_id, title, aim, measure, prediction, start_date, end_date, did, learned, next_step
FROM pdsa_cycle WHERE file_id IS NOT NULL
