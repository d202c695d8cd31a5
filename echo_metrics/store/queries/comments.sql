-- Every answer in words that counts, with where it stands in its file (its key is made of that, so it survives a rebuild)
-- and what counting its writers needs. The order is that of the files; nothing is shown in it.
WITH worded AS (
  SELECT code, min(trim(regexp_replace(wording, '<[^>]{1,80}>', ' ', 'g'))) AS wording
  FROM question WHERE trim(coalesce(wording, '')) <> '' GROUP BY code HAVING count(DISTINCT wording) = 1
)
SELECT f.sha256, coalesce(s.sheet, '') AS sheet, t.row_no, t.column_no, t.question, coalesce(w.wording, t.question) AS wording,
  t.body, n.id AS network_id, n.key AS network, c.name AS cohort, coalesce(s.person_key, '') AS who,
  CASE WHEN s.wave IS NULL THEN '' ELSE concat_ws('|', s.wave,
    coalesce(s.session_id::VARCHAR, CASE WHEN s.wave IN ('pre_session', 'post_session') THEN s.submitted_utc::DATE::VARCHAR END),
    s.form_key, s.event) END AS occasion
FROM response_text t
JOIN submission s ON s.id = t.submission_id
JOIN source_file f ON f.id = t.file_id
JOIN network n ON n.id = s.network_id
JOIN cohort c ON c.id = s.cohort_id AND c.network_id = n.id
LEFT JOIN worded w ON w.code = t.question
WHERE s.status = 'current' AND NOT s.preview AND trim(coalesce(t.body, '')) <> '' AND trim(coalesce(t.question, '')) <> ''
ORDER BY f.sha256, sheet, t.row_no, t.column_no
