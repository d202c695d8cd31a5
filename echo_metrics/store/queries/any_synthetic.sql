SELECT count(*) > 0 FROM source_file WHERE synthetic
