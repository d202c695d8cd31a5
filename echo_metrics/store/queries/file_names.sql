SELECT name, sha256 FROM source_file
