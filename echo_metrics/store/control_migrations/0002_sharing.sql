-- Releases, shared links and what was seen through them. A release's document is complete in itself; release_people holds
-- keyed fingerprints of who stood behind its figures, read only to decide whether a later release may differ.

CREATE TABLE setting (name VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);

CREATE TABLE release (
  id BIGINT PRIMARY KEY, title VARCHAR NOT NULL, networks VARCHAR NOT NULL, preset VARCHAR NOT NULL, standing BOOLEAN NOT NULL, status VARCHAR NOT NULL,
  document VARCHAR NOT NULL, checksum VARCHAR NOT NULL, data_version VARCHAR NOT NULL, made_by VARCHAR NOT NULL,
  made_at TIMESTAMP NOT NULL, approved_by VARCHAR, changed_at TIMESTAMP NOT NULL
);
CREATE TABLE release_people (
  release_id BIGINT NOT NULL, figure VARCHAR NOT NULL, network VARCHAR NOT NULL, cohort VARCHAR NOT NULL, discipline VARCHAR NOT NULL,
  people VARCHAR NOT NULL
);

CREATE TABLE link (
  id BIGINT PRIMARY KEY, token_hash VARCHAR NOT NULL, release_id BIGINT NOT NULL, recipient VARCHAR NOT NULL, purpose VARCHAR NOT NULL,
  pages VARCHAR NOT NULL, network VARCHAR NOT NULL, cohort VARCHAR NOT NULL, download BOOLEAN NOT NULL, passcode VARCHAR NOT NULL,
  made_by VARCHAR NOT NULL, made_at TIMESTAMP NOT NULL, expires_at TIMESTAMP NOT NULL, status VARCHAR NOT NULL, changed_at TIMESTAMP NOT NULL
);
CREATE TABLE link_session (
  hash VARCHAR PRIMARY KEY, link_id BIGINT NOT NULL, made_at TIMESTAMP NOT NULL, ended_at TIMESTAMP
);
CREATE TABLE link_view (link_id BIGINT NOT NULL, seen_at TIMESTAMP NOT NULL, page VARCHAR NOT NULL, agent VARCHAR NOT NULL);

-- The last filters of each person who filters live figures, to warn where two of them differ by a few people.
CREATE TABLE filter_log (
  who VARCHAR NOT NULL, asked_at TIMESTAMP NOT NULL, filters VARCHAR NOT NULL, people VARCHAR NOT NULL
);
