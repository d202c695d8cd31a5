SELECT number, happened_at, who, action, subject, detail, digest FROM audit ORDER BY number
