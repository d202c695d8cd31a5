SELECT count(*) FROM source_file WHERE NOT synthetic
