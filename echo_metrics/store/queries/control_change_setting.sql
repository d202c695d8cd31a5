UPDATE setting SET value = $value WHERE name = $name
