SELECT start_utc FROM session
