SELECT format, variant, rows_read, said_network, said_cohort FROM source_file WHERE sha256 = $sha256
