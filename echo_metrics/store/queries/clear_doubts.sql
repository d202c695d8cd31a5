DELETE FROM match_link WHERE status = 'review' AND meeting_id IN (SELECT unnest($meetings::BIGINT[]))
