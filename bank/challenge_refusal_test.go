package bank_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// TestT01WhatIsRefusedWritesAsMuchAsAnAttempt: either the attempts of the challenge or the misses of the user, and the failures of the user beside it.
func TestT01WhatIsRefusedWritesAsMuchAsAnAttempt(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "5000"), h.open(firstBank, "EUR", "0")
	h.takes(anna, "2")
	h.give("demo-approver", anna, models.OwnerView)
	request := h.must(pay(anna, ben, "1000"))
	own, others, unknown := h.challengeOf(request, "demo-owner"), h.challengeOf(request, "demo-approver"), models.ID{Kind: models.KindChallenge, UUID: uuid.New()}
	for name, c := range map[string]struct {
		challenge models.ID
		state     string // of the user's own challenge, in SQL
		blocked   string
		written   string // attempts of all challenges, and misses and failures of the user
	}{
		"own":     {own, "attempts = 0", "NULL", "1 0 1"},
		"others'": {others, "attempts = 0", "NULL", "0 1 1"},
		"unknown": {unknown, "attempts = 0", "NULL", "0 1 1"},
		"used up": {own, "attempts = 3", "NULL", "3 1 1"},
		"blocked": {own, "attempts = 0", "now() + interval '1 hour'", "0 1 1"},
	} {
		for _, isNew := range []bool{true, false} {
			h.sql("DELETE FROM user_authentication")
			if !isNew || c.blocked != "NULL" {
				h.sql("INSERT INTO user_authentication (user_id, failures, blocked_until) VALUES ($1, 0, "+c.blocked+")", h.id(t, "demo-owner").UUID)
			}
			h.sql("UPDATE challenge SET "+c.state+" WHERE challenge_id = $1", own.UUID)
			_, err := h.AnswerChallenge(h.as(t, "demo-owner"), answerOf(request, c.challenge, wrong))
			wantRefusal(t, err, models.ChallengeFailed, "OBP-40016")
			var attempts, misses, failures int
			if err := h.store.Pool().QueryRow(t.Context(), "SELECT (SELECT sum(attempts) FROM challenge WHERE transaction_request_id = $1), misses, failures FROM user_authentication",
				request.TransactionRequestID).Scan(&attempts, &misses, &failures); err != nil {
				t.Fatal(err)
			}
			if written := fmt.Sprint(attempts, misses, failures); written != c.written {
				t.Errorf("%s: %s, and not %s", name, written, c.written)
			}
		}
	}
}

// TestWhatCannotBeEndedHoldsUpNothingElse: there is more than is read at a time, of each request two challenges, and the first request cannot be ended.
func TestWhatCannotBeEndedHoldsUpNothingElse(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "500000"), h.open(firstBank, "EUR", "0")
	h.takes(anna, "2")
	h.give("demo-approver", anna, models.OwnerView)
	h.sql("UPDATE transaction_request_type SET daily_limit = NULL")
	const many = 120
	stuck, owner := h.must(pay(anna, ben, "1000")), h.as(t, "demo-owner")
	if codes := dbtest.Codes(dbtest.Together(many, func(int) error {
		_, err := h.CreateTransactionRequest(owner, pay(anna, ben, "1000"))
		return err
	})); codes[dbtest.Done] != many {
		t.Fatal(codes)
	}
	h.sql("UPDATE challenge SET expires_at = expires_at - interval '1 hour' WHERE account_id = $1", anna.AccountID)
	h.sql("UPDATE challenge SET expires_at = expires_at - interval '1 hour' WHERE transaction_request_id = $1", stuck.TransactionRequestID)
	h.sql(`INSERT INTO challenge_event (challenge_id, bank_id, number, status, user_id, occurred_at)
		SELECT challenge_id, bank_id, 2, 'OPEN', user_id, now() FROM challenge WHERE transaction_request_id = $1`, stuck.TransactionRequestID)
	if err := h.SweepChallenges(t.Context()); err == nil {
		t.Error("what could not be ended is not told of")
	}
	if ended, open := h.count("SELECT count(*) FROM transaction_request WHERE account_id = $1 AND status = 'FAILED'", anna.AccountID),
		h.count("SELECT count(*) FROM challenge WHERE account_id = $1 AND status = 'OPEN'", anna.AccountID); ended != many || open != 2 {
		t.Errorf("%d have ended, and %d challenges are open", ended, open)
	}
	h.has(anna, "500000", "1000")
}
