-- Rows of a file that were loaded and are not there any more: its equation goes on to hold.
UPDATE source_file SET rows_loaded = rows_loaded - $rows, people = greatest(people - $people, 0),
  connections = greatest(connections - $connections, 0), responses = greatest(responses - $responses, 0)
WHERE id = $file
