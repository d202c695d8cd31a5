-- Answers that came before the registration list learn their person's discipline from it.
UPDATE submission SET discipline = a.value_code
FROM person_attribute a
WHERE a.person_id = submission.person_id AND a.name = 'discipline' AND submission.discipline = 'unknown'
  AND submission.network_id = $network
