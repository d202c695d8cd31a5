SELECT count(*) - count(DISTINCT sha256) FROM source_file
