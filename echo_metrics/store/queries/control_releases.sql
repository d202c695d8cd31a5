SELECT id, title, networks, preset, standing, status, checksum, data_version, made_by, made_at, approved_by, changed_at
FROM release ORDER BY id DESC
