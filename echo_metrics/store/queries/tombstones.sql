SELECT circle, kind, value_key FROM forgotten
