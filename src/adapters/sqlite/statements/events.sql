-- Purpose: reading the event log. Each statement sees one committed state.
-- Inputs and outputs: named at each statement.

-- name: headPosition
-- Out: the newest event's position, 0 without any.
SELECT coalesce((SELECT position + count - 1 FROM events ORDER BY position DESC LIMIT 1), 0)
  AS position;

-- name: eventsFrom
-- In: the first position wanted (twice), how many rows. Out: rows that hold it or come later.
SELECT * FROM events
WHERE position >= coalesce((SELECT max(position) FROM events WHERE position <= ?), ?)
ORDER BY position LIMIT ?;

-- name: eventsOfTypeFrom
-- In: type, the first position wanted (type and position again), how many rows.
SELECT * FROM events
WHERE type = ?1 AND position >= coalesce(
  (SELECT max(position) FROM events WHERE type = ?1 AND position <= ?2), ?2)
ORDER BY position LIMIT ?3;

-- name: rowAt
-- In: a position. Out: the row that holds it.
SELECT * FROM events WHERE position <= ? ORDER BY position DESC LIMIT 1;

-- name: positionsOfSubject
-- In: subject, the first position wanted, how many. Out: where rows of their own tell of it.
SELECT position FROM events WHERE subject = ? AND position >= ? ORDER BY position LIMIT ?;

-- name: positionOfIssue
-- In: campaign number, sequence. Out: where a run tells of this coupon's issue.
SELECT position + ?2 - first_sequence AS position FROM events
WHERE campaign_no = ?1 AND first_sequence <= ?2 AND first_sequence + count > ?2
ORDER BY first_sequence DESC LIMIT 1;

-- name: positionsOfUses
-- In: campaign number, sequence. Out: where runs tell of this coupon's uses, in no order.
SELECT position FROM redemptions WHERE status = 1 AND campaign_no = ?1 AND sequence = ?2
UNION ALL
SELECT position FROM redemptions WHERE status = 3 AND campaign_no = ?1 AND sequence = ?2;

-- name: positionsOfCredits
-- In: vendor id, the first position wanted, how many. Out: where runs tell of the vendor's credits.
SELECT e.position FROM vendors v
JOIN ledger_accounts a ON a.kind = 0 AND a.vendor_no = v.no AND a.currency = v.currency
JOIN ledger_entries e ON e.account_no = a.no
WHERE v.id = ? AND e.position >= ? AND e.type = 0 ORDER BY e.position LIMIT ?;
