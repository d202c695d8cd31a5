UPDATE hub SET name = $name, country = $country, tz = $tz, currency = $currency, locale = $locale WHERE id = $hub
