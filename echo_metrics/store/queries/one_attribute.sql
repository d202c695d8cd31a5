UPDATE person_attribute SET person_id = NULL
FROM (
  SELECT own_person_id, name, row_number() OVER (
    PARTITION BY person_id, name ORDER BY own_person_id <> person_id, own_person_id
  ) AS place FROM person_attribute
) AS ranked
WHERE ranked.own_person_id = person_attribute.own_person_id AND ranked.name = person_attribute.name AND ranked.place > 1
