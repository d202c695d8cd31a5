-- Every link with what is known of its use.
SELECT l.id, l.release_id, l.recipient, l.purpose, l.pages, l.network, l.cohort, l.download, l.passcode <> '' AS has_passcode,
  l.made_by, l.made_at, l.expires_at, l.status, l.changed_at, r.status AS release_status, r.title AS release_title,
  count(v.seen_at) FILTER (WHERE v.page = 'opened') AS opened, max(v.seen_at) AS last_seen
FROM link l JOIN release r ON r.id = l.release_id LEFT JOIN link_view v ON v.link_id = l.id
GROUP BY ALL ORDER BY l.id DESC
