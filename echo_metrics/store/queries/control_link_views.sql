SELECT seen_at, page, agent FROM link_view WHERE link_id = $link ORDER BY seen_at DESC LIMIT $limit
