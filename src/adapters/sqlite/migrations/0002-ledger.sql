-- Purpose: the uses of coupons, and the double-entry ledger that pays vendors for them.
-- Inputs: the record of 0001. Outputs: the tables and indexes below.
-- Why atomic: the migrator runs each file and the new user_version in one transaction.

CREATE TABLE redemptions (
  no INTEGER PRIMARY KEY,
  -- Begins with the time, so that new rows lie side by side in its index.
  id TEXT NOT NULL UNIQUE,
  campaign_no INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  -- 0 queued, 1 redeemed, 2 refused, 3 reversed
  status INTEGER NOT NULL,
  -- With refused: why.
  code TEXT,
  order_amount INTEGER,
  -- Null where the caller named none: the campaign's.
  order_currency TEXT,
  -- Of uses that were carried out, in the campaign's currency.
  discount INTEGER,
  reimbursement INTEGER,
  reference TEXT,
  traceparent TEXT,
  created_at INTEGER NOT NULL,
  reversed_at INTEGER,
  -- Where in the log the use is told of.
  position INTEGER,
  CHECK (status BETWEEN 0 AND 3),
  CHECK ((status IN (1, 3)) = (discount IS NOT NULL)),
  CHECK ((discount IS NULL) = (reimbursement IS NULL)),
  CHECK ((discount IS NULL) = (position IS NULL)),
  CHECK ((status = 2) = (code IS NOT NULL)),
  CHECK ((status = 3) = (reversed_at IS NOT NULL))
) STRICT;

-- A coupon has at most one redemption in force: the last line of defence against using it twice.
CREATE UNIQUE INDEX redemptions_in_force ON redemptions (campaign_no, sequence) WHERE status = 1;
CREATE INDEX redemptions_reversed ON redemptions (campaign_no, sequence) WHERE status = 3;
CREATE INDEX redemptions_queued ON redemptions (no) WHERE status = 0;

-- When coupons fall due for expiry. Those that never expire, or are used, have no entry.
CREATE INDEX coupons_due ON coupons (expires_at) WHERE status = 0 AND expires_at IS NOT NULL;

CREATE TABLE payouts (
  no INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  vendor_no INTEGER NOT NULL REFERENCES vendors (no),
  amount INTEGER NOT NULL CHECK (amount >= 1),
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE ledger_accounts (
  no INTEGER PRIMARY KEY,
  -- 0 vendor, 1 promotion-cost, 2 paid-out
  kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 2),
  -- 0 for the platform's own.
  vendor_no INTEGER NOT NULL,
  currency TEXT NOT NULL,
  balance INTEGER NOT NULL DEFAULT 0,
  CHECK ((kind = 0) = (vendor_no > 0)),
  UNIQUE (kind, vendor_no, currency)
) STRICT;

-- The key says what the money moved for, and so rules out that it moves for the same thing twice.
CREATE TABLE ledger_transactions (
  -- 0 redemption, 1 reversal, 2 payout
  type INTEGER NOT NULL CHECK (type BETWEEN 0 AND 2),
  -- The number of the redemption, or of the payout.
  source_no INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (type, source_no)
) STRICT, WITHOUT ROWID;

-- Lies in the order of an account's list, and grows at its end. Nothing is ever changed here.
CREATE TABLE ledger_entries (
  account_no INTEGER NOT NULL,
  -- Where in the log the vendor's side of the transaction is told of.
  position INTEGER NOT NULL,
  type INTEGER NOT NULL,
  source_no INTEGER NOT NULL,
  -- What was added to the account, in minor units.
  amount INTEGER NOT NULL CHECK (amount <> 0),
  balance_after INTEGER NOT NULL,
  PRIMARY KEY (account_no, position)
) STRICT, WITHOUT ROWID;
