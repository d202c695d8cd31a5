-- People who asked to be forgotten, as keyed hashes of what would bring them back with the next export: addresses, names,
-- record ids, self-generated codes. Nothing here can be turned back into a person. `circle` holds one request together.

CREATE TABLE forgotten (circle BIGINT, kind VARCHAR, value_key VARCHAR, forgotten_by VARCHAR, forgotten_at TIMESTAMP);
