package bank_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

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
