SELECT DISTINCT shown FROM match_link
