-- Whether a connection's address is a place's (clinic@, reception@) rather than a person's: it then joins nobody.
ALTER TABLE connection ADD COLUMN shared_address BOOLEAN;
UPDATE connection SET shared_address = false;
