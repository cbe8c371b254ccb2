-- Purpose: reading coupons and accepted claims. Each statement sees one committed state.
-- Inputs and outputs: named at each statement.

-- name: couponByNumber
-- In: campaign number, sequence. Out: the coupon.
SELECT p.campaign_no AS campaignNo, p.sequence, c.id AS campaignId, p.user_id AS userId, p.nth,
  p.status, p.issued_at AS issuedAtMs, p.expires_at AS expiresAtMs
FROM coupons p JOIN campaigns c ON c.no = p.campaign_no WHERE p.campaign_no = ? AND p.sequence = ?;

-- name: couponsOfUser
-- In: user id; time, campaign number and nth to start behind; how many. Out: coupons, oldest first.
SELECT p.campaign_no AS campaignNo, p.sequence, c.id AS campaignId, p.user_id AS userId, p.nth,
  p.status, p.issued_at AS issuedAtMs, p.expires_at AS expiresAtMs
FROM coupons p JOIN campaigns c ON c.no = p.campaign_no
WHERE p.user_id = ? AND (p.issued_at, p.campaign_no, p.nth) > (?, ?, ?)
ORDER BY p.issued_at, p.campaign_no, p.nth LIMIT ?;

-- name: acceptedClaimById
-- In: id. Out: the claim.
SELECT a.id, c.id AS campaignId, a.user_id AS userId, a.created_at AS createdAtMs, a.outcome
FROM accepted_claims a JOIN campaigns c ON c.no = a.campaign_no WHERE a.id = ?;

-- name: usersOfCampaign
-- In: campaign number. Out: who holds coupons of it.
SELECT user_id AS userId FROM coupons WHERE campaign_no = ?;

-- name: campaignNumber
-- In: id. Out: the campaign's number and how many coupons it has issued.
SELECT no, issued FROM campaigns WHERE id = ?;

-- name: campaignIdByNumber
-- In: number. Out: the campaign's id.
SELECT id FROM campaigns WHERE no = ?;
