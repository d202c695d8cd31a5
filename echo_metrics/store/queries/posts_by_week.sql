-- Posts and replies by week from Monday.
SELECT date_trunc('week', posted_utc)::DATE AS week, author, count(*) AS posts
FROM forum_post
WHERE network_id = $network AND kind IN ('post', 'reply') AND posted_utc IS NOT NULL
GROUP BY ALL ORDER BY ALL
