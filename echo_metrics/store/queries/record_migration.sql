INSERT INTO migration VALUES ($number, $name, current_timestamp::TIMESTAMP)
