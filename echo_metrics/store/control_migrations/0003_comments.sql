-- Comments that a holder of the row-level right approved, one by one. The key is a keyed hash of where the comment stands
-- in its file and of its words: no text is here, and the approval falls when the words change.

CREATE TABLE comment_approval (
  key VARCHAR PRIMARY KEY, approved_by VARCHAR NOT NULL, approved_at TIMESTAMP NOT NULL, withdrawn_at TIMESTAMP
);
