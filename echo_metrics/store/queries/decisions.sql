-- What was decided and stands, the oldest first.
SELECT id, kind, network_id, meeting_id, subject, shown, person_id, other_id, who_kind, who_key, heads
FROM decision WHERE withdrawn_at IS NULL ORDER BY id
