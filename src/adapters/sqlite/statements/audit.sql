-- Purpose: recounting the promises from the rows, never from counters alone.
-- Inputs: none. Outputs: named at each statement.
-- Why atomic: the recount runs in one read transaction, so that all statements see the same state.

-- name: campaignCounts
-- Out: each campaign's terms beside what its coupons say.
SELECT c.id, c.no, c.quantity, c.issued, count(p.sequence) AS stored,
  coalesce(min(p.sequence), 0) AS lowest, coalesce(max(p.sequence), 0) AS highest
FROM campaigns c LEFT JOIN coupons p ON p.campaign_no = c.no GROUP BY c.no;

-- name: usersOverLimit
-- Out: users who hold more of a campaign than one user may.
SELECT p.user_id AS userId, c.id AS campaignId, count(*) AS held
FROM coupons p JOIN campaigns c ON c.no = p.campaign_no
GROUP BY p.user_id, p.campaign_no HAVING count(*) > c.per_user_limit LIMIT 10;

-- name: couponsWithoutCampaign
-- Out: how many coupons belong to no campaign.
SELECT count(*) AS stray FROM coupons WHERE campaign_no NOT IN (SELECT no FROM campaigns);

-- name: positionGaps
-- Out: events that do not begin where the one before them ended.
SELECT position, expected FROM (
  SELECT position, coalesce(lag(position + count) OVER (ORDER BY position), 1) AS expected
  FROM events
) WHERE position <> expected LIMIT 10;

-- name: runs
-- Out: every run of coupon.issued events, in the order of campaign and sequence.
SELECT campaign_no AS campaignNo, first_sequence AS firstSequence, count, time, data FROM events
WHERE first_sequence IS NOT NULL ORDER BY campaign_no, first_sequence;

-- name: couponUsers
-- Out: every coupon's user, in the order of campaign and sequence.
SELECT campaign_no AS campaignNo, sequence, user_id AS userId FROM coupons
ORDER BY campaign_no, sequence;

-- name: strayDecisions
-- Out: decided claims said to be issued, whose coupon is not there or is another user's.
SELECT a.id FROM accepted_claims a
LEFT JOIN coupons p ON p.campaign_no = a.campaign_no AND p.user_id = a.user_id
  AND p.sequence = json_extract(a.outcome, '$.coupon.sequence')
WHERE json_extract(a.outcome, '$.kind') = 'issued' AND p.sequence IS NULL LIMIT 10;

-- name: acceptedCounts
-- Out: how many claims were accepted, and how many of them wait.
SELECT count(*) AS accepted, count(*) FILTER (WHERE outcome IS NULL) AS queued
FROM accepted_claims;
