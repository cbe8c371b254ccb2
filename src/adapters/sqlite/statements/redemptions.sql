-- Purpose: deciding uses of coupons, undoing them, and letting coupons expire. All of it runs
--   inside the writer's one open transaction, which is why the reading, the decision and the
--   writing are one atomic effect.
-- Inputs and outputs: named at each statement.

-- name: couponForUse
-- In: campaign number, sequence. Out: what decides the coupon's use, and whose it is.
SELECT status, expires_at, user_id FROM coupons WHERE campaign_no = ? AND sequence = ?;

-- name: termsOfCampaign
-- In: campaign number. Out: what its coupons take off and pay, and whom.
SELECT c.no, c.id AS campaignId, c.discount, c.reimbursement_bps AS reimbursementBps,
  v.no AS vendorNo, v.id AS vendorId
FROM campaigns c JOIN vendors v ON v.no = c.vendor_no WHERE c.no = ?;

-- name: changeCoupon
-- In: new status, campaign number, sequence, old status. Changes no row if it has another status.
UPDATE coupons SET status = ? WHERE campaign_no = ? AND sequence = ? AND status = ?;

-- name: addRedeemed
-- In: how many more (or fewer) are used, campaign number.
UPDATE campaigns SET redeemed = redeemed + ? WHERE no = ?;

-- name: nextRedemption
-- Out: the first number that no redemption has.
SELECT coalesce(max(no), 0) + 1 AS no FROM redemptions;

-- name: insertRedeemed
-- In: a use that was carried out at once. A second one in force of the same coupon aborts.
INSERT INTO redemptions (no, id, campaign_no, sequence, status, order_amount, order_currency,
  discount, reimbursement, reference, created_at, position)
VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?);

-- name: insertQueued
-- In: a use to be decided later.
INSERT INTO redemptions (no, id, campaign_no, sequence, status, order_amount, order_currency,
  reference, traceparent, created_at)
VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?);

-- name: queuedRedemptions
-- In: how many at most. Out: the oldest uses that are not decided yet.
SELECT no, id, campaign_no AS campaignNo, sequence, order_amount AS orderAmount,
  order_currency AS orderCurrency, reference, traceparent, created_at AS createdAtMs
FROM redemptions WHERE status = 0 ORDER BY no LIMIT ?;

-- name: redeemQueued
-- In: discount, reimbursement, position, number. Changes no row if it was decided before.
UPDATE redemptions SET status = 1, discount = ?, reimbursement = ?, position = ?
WHERE no = ? AND status = 0;

-- name: refuseQueued
-- In: code, number. Changes no row if it was decided before.
UPDATE redemptions SET status = 2, code = ? WHERE no = ? AND status = 0;

-- name: redemptionById
-- In: id. Out: the redemption.
SELECT r.no, r.id, r.campaign_no AS campaignNo, r.sequence, r.status, r.code,
  r.order_amount AS orderAmount, r.order_currency AS orderCurrency, r.discount, r.reimbursement,
  r.reference, r.created_at AS createdAtMs, r.reversed_at AS reversedAtMs, p.user_id AS userId,
  p.expires_at AS expiresAtMs, c.id AS campaignId, c.discount AS terms, v.id AS vendorId,
  v.no AS vendorNo
FROM redemptions r
JOIN coupons p ON p.campaign_no = r.campaign_no AND p.sequence = r.sequence
JOIN campaigns c ON c.no = r.campaign_no
JOIN vendors v ON v.no = c.vendor_no
WHERE r.id = ?;

-- name: reverseRedemption
-- In: time, number. Changes no row if it is not in force.
UPDATE redemptions SET status = 3, reversed_at = ? WHERE no = ? AND status = 1;

-- name: expireCoupons
-- In: time, how many at most. Marks the longest overdue of the coupons that nobody has used.
UPDATE coupons SET status = 3 WHERE (campaign_no, sequence) IN (
  SELECT campaign_no, sequence FROM coupons
  WHERE status = 0 AND expires_at IS NOT NULL AND expires_at <= ? ORDER BY expires_at LIMIT ?);
