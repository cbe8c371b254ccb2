-- Purpose: recounting promise 4 from the rows: coupons used once, vendors paid once, the books
--   balanced.
-- Inputs: none. Outputs: named at each statement; amounts that may exceed 2^53 come as text.
-- Why atomic: the recount runs in one read transaction, so that all statements see the same state.

-- name: redemptionCounts
-- Out: how many redemptions, payouts, transactions and accounts there are.
SELECT (SELECT count(*) FROM redemptions) AS redemptions, (SELECT count(*) FROM payouts) AS payouts,
  (SELECT count(*) FROM ledger_transactions) AS transactions,
  (SELECT count(*) FROM ledger_accounts) AS accounts;

-- name: couponsUsedOtherwise
-- Out: redeemed coupons without exactly one redemption in force.
SELECT campaign_no AS campaignNo, sequence, uses FROM (
  SELECT p.campaign_no, p.sequence, (SELECT count(*) FROM redemptions r WHERE r.status = 1
    AND r.campaign_no = p.campaign_no AND r.sequence = p.sequence) AS uses
  FROM coupons p WHERE p.status = 2
) WHERE uses <> 1 LIMIT 10;

-- name: strayRedemptions
-- Out: redemptions without a coupon, or in force though their coupon is not redeemed.
SELECT r.id FROM redemptions r
LEFT JOIN coupons p ON p.campaign_no = r.campaign_no AND p.sequence = r.sequence
WHERE p.sequence IS NULL OR (r.status = 1 AND p.status <> 2) LIMIT 10;

-- name: wrongRedeemedCounters
-- Out: campaigns whose counter is not the number of their redemptions in force.
SELECT c.id, c.redeemed, coalesce(u.uses, 0) AS uses FROM campaigns c LEFT JOIN (
  SELECT campaign_no, count(*) AS uses FROM redemptions WHERE status = 1 GROUP BY campaign_no
) u ON u.campaign_no = c.no WHERE c.redeemed <> coalesce(u.uses, 0) LIMIT 10;

-- name: usesTold
-- Out: every run of coupon.redeemed events, in order.
SELECT position, count, data FROM events WHERE type = 'coupon.redeemed' ORDER BY position;

-- name: usesStored
-- Out: every use that was carried out, in the order of the log, with the vendor's balance after it.
SELECT r.position, r.id, r.campaign_no AS campaignNo, r.sequence, c.id AS campaignId,
  v.id AS vendorId, p.user_id AS userId, r.order_amount AS orderMinor, r.discount,
  r.reimbursement, r.reference, coalesce(e.balance_after, 0) AS balanceAfter
FROM redemptions r
JOIN coupons p ON p.campaign_no = r.campaign_no AND p.sequence = r.sequence
JOIN campaigns c ON c.no = r.campaign_no
JOIN vendors v ON v.no = c.vendor_no
LEFT JOIN ledger_accounts a ON a.kind = 0 AND a.vendor_no = v.no AND a.currency = v.currency
LEFT JOIN ledger_entries e ON e.account_no = a.no AND e.position = r.position + 1
WHERE r.status IN (1, 3) ORDER BY r.position;

-- name: reversalsToldOtherwise
-- Out: reversed redemptions without exactly one event that tells of them rightly.
SELECT r.id, count(e.position) AS events FROM redemptions r
LEFT JOIN events e ON e.subject = r.id AND e.type = 'redemption.reversed'
  AND json_extract(e.data, '$.reimbursement.amount') = r.reimbursement
WHERE r.status = 3 GROUP BY r.no HAVING count(e.position) <> 1 LIMIT 10;

-- name: reversalsUnfounded
-- Out: redemptions that the log says are reversed, and that are not.
SELECT e.subject AS id FROM events e LEFT JOIN redemptions r ON r.id = e.subject AND r.status = 3
WHERE e.type = 'redemption.reversed' AND r.no IS NULL LIMIT 10;

-- name: unbalancedTransactions
-- Out: transactions whose entries do not add up to zero, and entries of no transaction.
SELECT e.type, e.source_no AS sourceNo, CAST(sum(e.amount) AS TEXT) AS sum FROM ledger_entries e
LEFT JOIN ledger_transactions t ON t.type = e.type AND t.source_no = e.source_no
GROUP BY e.type, e.source_no HAVING sum(e.amount) <> 0 OR count(t.type) <> count(*) LIMIT 10;

-- name: wrongBalances
-- Out: accounts whose balance is not the sum of their entries.
SELECT a.no, CAST(a.balance AS TEXT) AS balance, CAST(coalesce(s.sum, 0) AS TEXT) AS sum
FROM ledger_accounts a LEFT JOIN (
  SELECT account_no, sum(amount) AS sum FROM ledger_entries GROUP BY account_no
) s ON s.account_no = a.no WHERE a.balance <> coalesce(s.sum, 0) LIMIT 10;

-- name: wrongRunningBalances
-- Out: entries whose balance is not the sum of the account's entries up to them, or of no account.
SELECT e.account_no AS accountNo, e.position FROM (
  SELECT account_no, position, balance_after,
    sum(amount) OVER (PARTITION BY account_no ORDER BY position) AS sum
  FROM ledger_entries
) e LEFT JOIN ledger_accounts a ON a.no = e.account_no
WHERE e.balance_after <> e.sum OR a.no IS NULL LIMIT 10;

-- name: movedOtherwise
-- Out: what must have moved on vendors' accounts, or has, and how often each.
SELECT type, source_no AS sourceNo, amount, sum(due) AS due, sum(moved) AS moved FROM (
  SELECT 0 AS type, r.no AS source_no, c.vendor_no, r.reimbursement AS amount, 1 AS due, 0 AS moved
  FROM redemptions r JOIN campaigns c ON c.no = r.campaign_no
  WHERE r.status IN (1, 3) AND r.reimbursement <> 0
  UNION ALL
  SELECT 1, r.no, c.vendor_no, -r.reimbursement, 1, 0
  FROM redemptions r JOIN campaigns c ON c.no = r.campaign_no
  WHERE r.status = 3 AND r.reimbursement <> 0
  UNION ALL
  SELECT 2, no, vendor_no, -amount, 1, 0 FROM payouts
  UNION ALL
  SELECT e.type, e.source_no, a.vendor_no, e.amount, 0, 1
  FROM ledger_entries e JOIN ledger_accounts a ON a.no = e.account_no WHERE a.kind = 0
) GROUP BY type, source_no, vendor_no, amount HAVING sum(due) <> sum(moved) LIMIT 10;

-- name: emptyTransactions
-- Out: transactions without exactly two entries.
SELECT t.type, t.source_no AS sourceNo, coalesce(e.entries, 0) AS entries
FROM ledger_transactions t LEFT JOIN (
  SELECT type, source_no, count(*) AS entries FROM ledger_entries GROUP BY type, source_no
) e ON e.type = t.type AND e.source_no = t.source_no WHERE coalesce(e.entries, 0) <> 2 LIMIT 10;

-- name: overdrawn
-- Out: payouts that left a vendor owing.
SELECT e.source_no AS sourceNo FROM ledger_entries e JOIN ledger_accounts a ON a.no = e.account_no
WHERE a.kind = 0 AND e.type = 2 AND e.balance_after < 0 LIMIT 10;

-- name: debitsToldOtherwise
-- Out: reversals and payouts of which the log does not tell the vendor rightly.
SELECT e.type, e.source_no AS sourceNo FROM ledger_entries e
JOIN ledger_accounts a ON a.no = e.account_no AND a.kind = 0
JOIN vendors v ON v.no = a.vendor_no
LEFT JOIN events l ON l.position = e.position AND l.type = 'vendor.debited' AND l.subject = v.id
  AND json_extract(l.data, '$.amount.amount') = -e.amount
  AND json_extract(l.data, '$.balanceAfter.amount') = e.balance_after
WHERE e.type > 0 AND l.position IS NULL LIMIT 10;

-- name: debitsUnfounded
-- Out: events of debits that are not in the ledger.
SELECT l.position FROM events l
LEFT JOIN vendors v ON v.id = l.subject
LEFT JOIN ledger_accounts a ON a.kind = 0 AND a.vendor_no = v.no AND a.currency = v.currency
LEFT JOIN ledger_entries e ON e.account_no = a.no AND e.position = l.position AND e.type > 0
WHERE l.type = 'vendor.debited' AND e.position IS NULL LIMIT 10;
