SELECT id, external_id, content_hash, status, submitted_utc FROM submission
WHERE form_key = $form AND status <> 'superseded'
