-- Forum lines that are there already, to know a line of a later export again.
SELECT network_id, author, posted_utc, thread, kind, body FROM forum_post
