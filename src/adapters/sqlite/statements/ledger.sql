-- Purpose: the double-entry ledger. The writes run inside the writer's open transaction together
--   with what the money moved for, which makes the two one atomic effect.
-- Inputs and outputs: named at each statement.

-- name: account
-- In: kind, vendor number (0 for the platform's), currency. Out: the account.
SELECT no, balance FROM ledger_accounts
WHERE kind = ? AND vendor_no = ? AND currency = ?;

-- name: openAccount
-- In: kind, vendor number (0 for the platform's), currency. Out: the account's number.
INSERT INTO ledger_accounts (kind, vendor_no, currency) VALUES (?, ?, ?) RETURNING no;

-- name: insertTransaction
-- In: type, the number of what the money moved for, time. A second one for the same thing aborts.
INSERT INTO ledger_transactions (type, source_no, created_at) VALUES (?, ?, ?);

-- name: insertEntry
-- In: account, position, type, source, amount, balance after. Writing over an entry aborts.
INSERT INTO ledger_entries (account_no, position, type, source_no, amount, balance_after)
VALUES (?, ?, ?, ?, ?, ?);

-- name: setBalance
-- In: new balance, account number, old balance. Changes no row if somebody else has posted since.
UPDATE ledger_accounts SET balance = ? WHERE no = ? AND balance = ?;

-- name: vendorForPayout
-- In: vendor id. Out: the vendor's number and currency.
SELECT no, currency FROM vendors WHERE id = ?;

-- name: insertPayout
-- In: id, vendor number, amount, time. Out: its number.
INSERT INTO payouts (id, vendor_no, amount, created_at) VALUES (?, ?, ?, ?) RETURNING no;

-- name: vendorAccount
-- In: vendor id. Out: the vendor's currency, and its account's number, null before its first entry.
SELECT v.currency, a.no AS accountNo FROM vendors v
LEFT JOIN ledger_accounts a ON a.kind = 0 AND a.vendor_no = v.no AND a.currency = v.currency
WHERE v.id = ?;

-- name: entriesBefore
-- In: account number, the position to start below, how many. Out: its entries, newest first.
SELECT e.position, e.type, e.amount, e.balance_after AS balanceAfter, t.created_at AS createdAtMs,
  r.id AS redemptionId, o.id AS payoutId
FROM ledger_entries e
JOIN ledger_transactions t ON t.type = e.type AND t.source_no = e.source_no
LEFT JOIN redemptions r ON e.type < 2 AND r.no = e.source_no
LEFT JOIN payouts o ON e.type = 2 AND o.no = e.source_no
WHERE e.account_no = ? AND e.position < ? ORDER BY e.position DESC LIMIT ?;
