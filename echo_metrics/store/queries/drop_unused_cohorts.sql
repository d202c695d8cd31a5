DELETE FROM cohort WHERE file_id = $file
  AND id NOT IN (SELECT cohort_id FROM session) AND id NOT IN (SELECT cohort_id FROM enrolment)
  AND id NOT IN (SELECT cohort_id FROM submission WHERE cohort_id IS NOT NULL)
  AND id NOT IN (SELECT cohort_id FROM ledger WHERE cohort_id IS NOT NULL)
  AND id NOT IN (SELECT cohort_id FROM case_presentation WHERE cohort_id IS NOT NULL)
  AND id NOT IN (SELECT cohort_id FROM pdsa_cycle WHERE cohort_id IS NOT NULL)
  AND id NOT IN (SELECT cohort_id FROM cost WHERE cohort_id IS NOT NULL)
