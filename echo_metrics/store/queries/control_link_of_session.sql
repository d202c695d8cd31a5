SELECT link_id FROM link_session WHERE hash = $hash AND ended_at IS NULL AND made_at > $since
