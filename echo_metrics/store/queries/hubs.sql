SELECT id, name, country, tz, currency, locale FROM hub ORDER BY id
