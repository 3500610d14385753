-- Requests that waited for an approval before there were challenges: nobody is asked, so that no answer, and no end of the time to answer, ever came to them, and what they reserve stays reserved. Each gets
-- the challenge that it would have had, of who made it, which has expired. So the sweeper ends them as it ends all that nobody answered: what is reserved is given back by the ledger, which
-- alone may do so. No code fits the hash, and no code was made. The identifier is the request's own, which is as unique.

-- +goose Up
WITH waiting AS (
    UPDATE transaction_request SET required_answers = 1 WHERE status IN ('INITIATED', 'NEXT_CHALLENGE_PENDING') AND required_answers = 0
    RETURNING transaction_request_id, bank_id, account_id, user_id, started_at
), asked AS (
    INSERT INTO challenge (challenge_id, bank_id, account_id, transaction_request_id, user_id, permission, method, status, nonce, code_hash, attempts, max_attempts, lifetime, resends,
                           made_at, sent_at, expires_at, event_count)
    SELECT transaction_request_id, bank_id, account_id, transaction_request_id, user_id, 'can_add_transaction_request_to_any_account', 'EMAIL', 'OPEN',
           decode(repeat('00', 16), 'hex'), decode(repeat('00', 32), 'hex'), 0, 3, 600, 0, started_at, started_at, LEAST(started_at + interval '10 minutes', now()), 1
    FROM waiting RETURNING challenge_id, bank_id, user_id, made_at
)
INSERT INTO challenge_event (challenge_id, bank_id, number, status, user_id, occurred_at)
SELECT challenge_id, bank_id, 1, 'OPEN', user_id, made_at FROM asked;
