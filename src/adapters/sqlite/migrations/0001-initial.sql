-- Purpose: the first shape of the record: vendors, campaigns, coupons, accepted claims, the event
--   log and idempotency keys.
-- Inputs: an empty database. Outputs: the tables below.
-- Why atomic: the migrator runs each file and the new user_version in one transaction.

CREATE TABLE secrets (
  name TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE vendors (
  no INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  currency TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE campaigns (
  -- The number is sealed into coupon ids and codes, which have 24 bits for it.
  no INTEGER PRIMARY KEY CHECK (no < 16777216),
  id TEXT NOT NULL UNIQUE,
  vendor_no INTEGER NOT NULL REFERENCES vendors (no),
  title TEXT NOT NULL,
  discount TEXT NOT NULL,
  quantity INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 10000000),
  per_user_limit INTEGER NOT NULL CHECK (per_user_limit >= 1),
  starts_at INTEGER,
  ends_at INTEGER,
  coupon_valid_for TEXT,
  reimbursement_bps INTEGER NOT NULL,
  paused INTEGER NOT NULL DEFAULT 0,
  issued INTEGER NOT NULL DEFAULT 0,
  redeemed INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  -- The last line of defence: a bug above it aborts the transaction instead of over-issuing.
  CHECK (issued BETWEEN 0 AND quantity)
) STRICT;

CREATE TABLE coupons (
  campaign_no INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  user_id TEXT NOT NULL,
  -- Which of this user's coupons of the campaign it is: 1 to the per-user limit.
  nth INTEGER NOT NULL,
  -- 0 issued, 1 held, 2 redeemed, 3 expired
  status INTEGER NOT NULL DEFAULT 0,
  issued_at INTEGER NOT NULL,
  expires_at INTEGER,
  PRIMARY KEY (campaign_no, sequence)
) STRICT, WITHOUT ROWID;

-- Promise 2 as a constraint; also finds a user's coupons.
CREATE UNIQUE INDEX coupons_of_user ON coupons (user_id, campaign_no, nth);

CREATE TABLE accepted_claims (
  no INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  campaign_no INTEGER NOT NULL,
  user_id TEXT NOT NULL,
  traceparent TEXT,
  created_at INTEGER NOT NULL,
  -- Null while queued, else the outcome as JSON.
  outcome TEXT
) STRICT;

CREATE INDEX accepted_claims_queued ON accepted_claims (no) WHERE outcome IS NULL;

-- A row is one event, or a run of `count` coupon.issued events of one campaign in one batch, which
-- take the positions from `position` on and the sequence numbers from `first_sequence` on.
CREATE TABLE events (
  position INTEGER PRIMARY KEY,
  count INTEGER NOT NULL,
  type TEXT NOT NULL,
  -- Null for runs, whose subjects are sealed from campaign_no and the sequence numbers.
  subject TEXT,
  partition_key TEXT NOT NULL,
  campaign_no INTEGER,
  first_sequence INTEGER,
  time INTEGER NOT NULL,
  traceparent TEXT,
  data TEXT NOT NULL
) STRICT;

CREATE INDEX events_by_type ON events (type, position);
CREATE INDEX events_by_subject ON events (subject, position) WHERE subject IS NOT NULL;
CREATE UNIQUE INDEX events_by_sequence ON events (campaign_no, first_sequence)
  WHERE first_sequence IS NOT NULL;

CREATE TABLE idempotency_keys (
  key TEXT PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  request_id TEXT NOT NULL,
  outcome TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
