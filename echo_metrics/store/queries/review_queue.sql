-- One line for each doubtful name and whom it may mean, however many meetings it came up in.
SELECT l.network_id, n.name AS network, l.shown, l.candidate_id, arg_max(l.method, l.score) AS method,
  max(l.score) AS score
FROM match_link l JOIN network n ON n.id = l.network_id
WHERE l.status = 'review'
GROUP BY ALL
ORDER BY max(l.score) DESC, l.shown, l.candidate_id
