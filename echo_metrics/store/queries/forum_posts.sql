-- Everything in the forums of these networks, without its words, in order of time.
SELECT p.network_id, n.key AS network_key, n.name AS network, p.author, p.posted_utc, p.thread, p.kind
FROM forum_post p JOIN network n ON n.id = p.network_id
WHERE list_contains($networks::BIGINT[], p.network_id)
ORDER BY n.name, p.posted_utc NULLS LAST, p.row_no
