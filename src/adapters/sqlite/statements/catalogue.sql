-- Purpose: vendors and campaigns. The writes run inside the writer's open transaction together with
--   the event that tells of them, which makes the two one atomic effect.
-- Inputs and outputs: named at each statement.

-- name: insertVendor
-- In: id, name, currency, time.
INSERT INTO vendors (id, name, currency, created_at) VALUES (?, ?, ?, ?);

-- name: vendorById
-- In: id. Out: the vendor, its balance null before the first entry.
SELECT v.no, v.id, v.name, v.currency, a.balance, v.created_at AS createdAtMs FROM vendors v
LEFT JOIN ledger_accounts a ON a.kind = 0 AND a.vendor_no = v.no AND a.currency = v.currency
WHERE v.id = ?;

-- name: vendorsBefore
-- In: a number to start below, how many. Out: vendors, newest first.
SELECT v.no, v.id, v.name, v.currency, a.balance, v.created_at AS createdAtMs FROM vendors v
LEFT JOIN ledger_accounts a ON a.kind = 0 AND a.vendor_no = v.no AND a.currency = v.currency
WHERE v.no < ? ORDER BY v.no DESC LIMIT ?;

-- name: insertCampaign
-- In: the campaign.
INSERT INTO campaigns (id, vendor_no, title, discount, quantity, per_user_limit, starts_at, ends_at,
  coupon_valid_for, reimbursement_bps, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: updateCampaign
-- In: title, paused, quantity, end, id.
UPDATE campaigns SET title = ?, paused = ?, quantity = ?, ends_at = ? WHERE id = ?;

-- name: campaignById
-- In: id. Out: the campaign.
SELECT c.no, c.id, v.id AS vendorId, c.title, c.discount, c.quantity,
  c.per_user_limit AS perUserLimit, c.starts_at AS startsAtMs, c.ends_at AS endsAtMs,
  c.coupon_valid_for AS couponValidFor, c.reimbursement_bps AS reimbursementBps, c.paused, c.issued,
  c.redeemed, c.created_at AS createdAtMs
FROM campaigns c JOIN vendors v ON v.no = c.vendor_no WHERE c.id = ?;

-- name: campaignsBefore
-- In: a number to start below, how many. Out: campaigns, newest first.
SELECT c.no, c.id, v.id AS vendorId, c.title, c.discount, c.quantity,
  c.per_user_limit AS perUserLimit, c.starts_at AS startsAtMs, c.ends_at AS endsAtMs,
  c.coupon_valid_for AS couponValidFor, c.reimbursement_bps AS reimbursementBps, c.paused, c.issued,
  c.redeemed, c.created_at AS createdAtMs
FROM campaigns c JOIN vendors v ON v.no = c.vendor_no WHERE c.no < ? ORDER BY c.no DESC LIMIT ?;
