-- Scenarios of a ledger: which assumptions somebody moved, from what to what, why, and what came of it that day. They hold
-- assumptions and money, no answers and no people. A scenario that was removed stays for the record.

CREATE TABLE scenario (
  id BIGINT PRIMARY KEY, network VARCHAR NOT NULL, cohort VARCHAR NOT NULL, name VARCHAR NOT NULL, changes VARCHAR NOT NULL,
  why VARCHAR NOT NULL, ledger VARCHAR NOT NULL, outcome VARCHAR NOT NULL, made_by VARCHAR NOT NULL, made_at TIMESTAMP NOT NULL, removed_at TIMESTAMP
);
