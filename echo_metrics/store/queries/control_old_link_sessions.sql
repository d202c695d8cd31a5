DELETE FROM link_session WHERE made_at < $before
