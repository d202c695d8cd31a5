SELECT DISTINCT author, file_id, row_no FROM forum_post
