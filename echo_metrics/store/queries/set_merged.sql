UPDATE person SET merged_into = list_extract($into::BIGINT[], list_position($from::BIGINT[], id))
WHERE merged_into IS NOT NULL OR list_contains($from::BIGINT[], id)
