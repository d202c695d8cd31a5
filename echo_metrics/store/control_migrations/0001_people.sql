-- Accounts, sessions, one-time tokens, throttles and the audit. Times are UTC. Secrets stand here as keyed hashes only.
-- Keys are real constraints here; the columns that change are never part of one, because an UPDATE of an indexed column
-- is a delete and an insert to DuckDB, which then meets its own key.

CREATE TABLE write_lock (turn BIGINT);
INSERT INTO write_lock VALUES (0);

CREATE TABLE account (
  id VARCHAR PRIMARY KEY, email VARCHAR UNIQUE NOT NULL, name VARCHAR NOT NULL, role VARCHAR NOT NULL,
  all_networks BOOLEAN NOT NULL, row_level BOOLEAN NOT NULL, password VARCHAR NOT NULL, created_at TIMESTAMP NOT NULL,
  disabled_at TIMESTAMP, sessions_from TIMESTAMP NOT NULL
);
CREATE TABLE account_network (account_id VARCHAR NOT NULL, network_key VARCHAR NOT NULL);

CREATE TABLE one_time_token (
  hash VARCHAR PRIMARY KEY, kind VARCHAR NOT NULL, account_id VARCHAR NOT NULL, created_at TIMESTAMP NOT NULL,
  expires_at TIMESTAMP NOT NULL, spent_at TIMESTAMP
);
CREATE TABLE session (
  hash VARCHAR PRIMARY KEY, account_id VARCHAR NOT NULL, kind VARCHAR NOT NULL, created_at TIMESTAMP NOT NULL,
  seen_at TIMESTAMP NOT NULL, ended_at TIMESTAMP
);
CREATE TABLE throttle (
  kind VARCHAR NOT NULL, key_hash VARCHAR NOT NULL, failures BIGINT NOT NULL, failed_at TIMESTAMP NOT NULL,
  PRIMARY KEY (kind, key_hash)
);

-- Rows are only ever added. Each digest covers the row and the digest before it; chain_head holds the last one, so that
-- a missing tail is noticed too.
CREATE TABLE audit (
  number BIGINT PRIMARY KEY, happened_at TIMESTAMP NOT NULL, who VARCHAR NOT NULL, action VARCHAR NOT NULL, subject VARCHAR NOT NULL,
  detail VARCHAR NOT NULL, digest VARCHAR NOT NULL
);
CREATE TABLE chain_head (number BIGINT NOT NULL, digest VARCHAR NOT NULL);
INSERT INTO chain_head VALUES (0, '');
