SELECT count(*) FROM attendance WHERE minutes < 0 OR pct_of_session > 100.0001
