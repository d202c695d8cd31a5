-- Totals have no times of their own: there, the minutes tell two people of one name apart.
SELECT meeting_id, display_folded, email_key, join_utc, leave_utc, CASE WHEN origin = 'total_only' THEN minutes_reported END
FROM connection WHERE meeting_id IN (SELECT unnest($meetings::BIGINT[]))
