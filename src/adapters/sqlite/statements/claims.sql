-- Purpose: deciding claims. All of it runs inside the writer's one open transaction, which is why
--   the reading, the decision and the writing are one atomic effect.
-- Inputs and outputs: named at each statement.

-- name: campaignForClaims
-- In: the campaign's id. Out: its number and what decides claims.
SELECT no, quantity, per_user_limit AS perUserLimit, starts_at AS startsAtMs, ends_at AS endsAtMs,
  paused, issued, coupon_valid_for AS couponValidFor
FROM campaigns WHERE id = ?;

-- name: heldByUser
-- In: user id, campaign number. Out: the sequence numbers that the user holds, oldest first.
SELECT sequence FROM coupons WHERE user_id = ? AND campaign_no = ? ORDER BY nth;

-- name: insertCoupon
-- In: the coupon. A second coupon of the same sequence, or of the same user and nth, aborts.
INSERT INTO coupons (campaign_no, sequence, user_id, nth, issued_at, expires_at)
VALUES (?, ?, ?, ?, ?, ?);

-- name: raiseIssued
-- In: new count, campaign number, old count. Changes no row if somebody else has counted meanwhile.
UPDATE campaigns SET issued = ? WHERE no = ? AND issued = ?;

-- name: insertAcceptedClaim
-- In: id, campaign number, user id, traceparent, time.
INSERT INTO accepted_claims (id, campaign_no, user_id, traceparent, created_at)
VALUES (?, ?, ?, ?, ?);

-- name: queuedClaims
-- In: how many at most. Out: the oldest claims that are not decided yet.
SELECT a.no, a.id, c.id AS campaignId, a.user_id AS userId, a.traceparent,
  a.created_at AS createdAtMs
FROM accepted_claims a JOIN campaigns c ON c.no = a.campaign_no
WHERE a.outcome IS NULL ORDER BY a.no LIMIT ?;

-- name: decideAcceptedClaim
-- In: outcome as JSON, claim number. Changes no row if it was decided before.
UPDATE accepted_claims SET outcome = ? WHERE no = ? AND outcome IS NULL;

-- name: keptKey
-- In: the key. Out: what it was used for and what came of it.
SELECT fingerprint, request_id AS requestId, outcome FROM idempotency_keys WHERE key = ?;

-- name: insertKey
-- In: key, fingerprint, request id, outcome as JSON, time.
INSERT INTO idempotency_keys (key, fingerprint, request_id, outcome, created_at)
VALUES (?, ?, ?, ?, ?);

-- name: forgetKeys
-- In: a time, how many at most. Takes away the oldest keys from before that time.
DELETE FROM idempotency_keys WHERE key IN
  (SELECT key FROM idempotency_keys WHERE created_at < ? ORDER BY created_at LIMIT ?);

-- name: insertEvent
-- In: the row. A second event at the same position aborts.
INSERT INTO events (position, count, type, subject, partition_key, campaign_no, first_sequence,
  time, traceparent, data)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: nextPosition
-- Out: the first position that no event has.
SELECT coalesce((SELECT position + count FROM events ORDER BY position DESC LIMIT 1), 1)
  AS position;
