package bank_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"bankgraph/db/dbtest"
	"bankgraph/mail"
	"bankgraph/models"
	"bankgraph/outbox"
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

// failures are the wrong answers of a user in a row.
func (h till) failures() int {
	h.t.Helper()
	return h.count("SELECT coalesce(max(failures), 0) FROM user_authentication")
}

// TestARightAnswerThatTheBooksRefuseIsNoFailure: all of the original was paid back meanwhile. The attempt stays counted.
func TestARightAnswerThatTheBooksRefuseIsNoFailure(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, shop := h.open(firstBank, "EUR", "100"), h.open(firstBank, "EUR", "0")
	original := h.must(pay(anna, shop, "60"))
	request := h.must(pay(anna, nil, "40", refund(original, nil, &models.PayeeRefundToInput{Account: payeeAt(shop)})))
	h.sql("INSERT INTO user_authentication (user_id, failures) VALUES ($1, 3)", h.id(t, "demo-owner").UUID)
	h.sql("INSERT INTO refund_total (transaction_id, bank_id, currency, credited, refunded) VALUES ($1, $2, 'EUR', 60, 60)", original.TransactionUUID, firstBank)
	_, err := h.answer("demo-owner", request, right)
	h.sql("DELETE FROM refund_total WHERE transaction_id = $1", original.TransactionUUID)
	wantRefusal(t, err, models.Policy, "OBP-30068")
	if n := h.failures(); n != 0 {
		t.Errorf("%d failures", n)
	}
	h.wants(request, "1 INITIATED, 2 FAILED", "demo-owner CANCELLED 1 1OPEN,2CANCELLED")
	h.has(shop, "60", "0")
}

// TestARightAnswerThatTheLedgerLosesStaysAnAttempt: the transaction of the ledger fails, with all that is written in it, and takes the attempt back as little as it counts a failure.
func TestARightAnswerThatTheLedgerLosesStaysAnAttempt(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "5000"), h.open(firstBank, "EUR", "0")
	request := h.must(pay(anna, ben, "1000"))
	h.sql("ALTER TABLE posting ADD CONSTRAINT posting_broken CHECK (false) NOT VALID")
	for attempt := range 3 {
		_, err := h.answer("demo-owner", request, right)
		var refusal *models.Error
		if err == nil || errors.As(err, &refusal) {
			t.Errorf("%v", err)
		}
		h.wants(request, "1 INITIATED", fmt.Sprintf("demo-owner OPEN %d 1OPEN", attempt+1))
		if n := h.failures(); n != 0 {
			t.Errorf("%d failures", n)
		}
	}
	h.sql("ALTER TABLE posting DROP CONSTRAINT posting_broken")
	_, err := h.answer("demo-owner", request, right)
	wantRefusal(t, err, models.ChallengeFailed, "OBP-40016")
	h.has(anna, "5000", "1000")
}

// TestABlockIsToldInTheTransactionThatBringsIt: whatever becomes of the answer. One that is right lifts it, and nobody is told.
func TestABlockIsToldInTheTransactionThatBringsIt(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	box, err := outbox.New(h.store, outbox.Options{Keys: dummies.Keys, Mail: mail.OpenOutbox(t.TempDir())})
	if err != nil {
		t.Fatal(err)
	}
	h.Bank = h.WithOutbox(box)
	anna, ben := h.open(firstBank, "EUR", "5000"), h.open(firstBank, "EUR", "0")
	told := func(want string) {
		t.Helper()
		var got string
		if err := h.store.Pool().QueryRow(t.Context(), `SELECT concat_ws(', ', (SELECT string_agg(state || ' ' || (next_attempt_at > made_at + interval '9 seconds'), ' ') FROM outbox_message),
			(SELECT string_agg(action, ' ' ORDER BY audit_entry_id) FROM audit_entry WHERE action LIKE '%blockChallengeAnswers'))`).Scan(&got); err != nil || got != want {
			t.Errorf("%q, and not %q: %v", got, want, err)
		}
	}
	fourth := "UPDATE user_authentication SET failures = 4, blocked_until = NULL"
	h.sql("INSERT INTO user_authentication (user_id, failures) VALUES ($1, 4)", h.id(t, "demo-owner").UUID)
	if _, err := h.answer("demo-owner", h.must(pay(anna, ben, "1000")), right); err != nil {
		t.Error(err)
	}
	if until, err := h.BlockedUntil(h.as(t, "demo-owner")); err != nil || until != nil {
		t.Errorf("%v %v", until, err)
	}
	told("VOID true, blockChallengeAnswers unblockChallengeAnswers")

	h.sql("DELETE FROM outbox_message")
	h.sql(fourth)
	request := h.must(pay(anna, ben, "1000"))
	h.sql("ALTER TABLE outbox_message ADD CONSTRAINT outbox_message_broken CHECK (false) NOT VALID") // it cannot be told
	if _, err := h.answer("demo-owner", request, wrong); err == nil {
		t.Error("it is answered")
	}
	told("blockChallengeAnswers unblockChallengeAnswers")
	if n := h.failures(); n != 4 || h.count("SELECT attempts FROM challenge WHERE transaction_request_id = $1", request.TransactionRequestID) != 0 {
		t.Errorf("%d failures", n)
	}
	h.sql("ALTER TABLE outbox_message DROP CONSTRAINT outbox_message_broken")
	_, err = h.answer("demo-owner", request, wrong)
	wantRefusal(t, err, models.ChallengeFailed, "OBP-40016")
	told("WAITING true, blockChallengeAnswers unblockChallengeAnswers blockChallengeAnswers")
	_, err = h.answer("demo-owner", request, right)
	wantRefusal(t, err, models.ChallengeFailed, "OBP-40016")
	told("WAITING true, blockChallengeAnswers unblockChallengeAnswers blockChallengeAnswers")
}

// TestWhatWaitedBeforeThereWereChallengesEnds: a migration gives it the challenge that nobody was sent, and the sweeper ends both.
func TestWhatWaitedBeforeThereWereChallengesEnds(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "5000"), h.open(firstBank, "EUR", "0")
	request, asked := h.must(pay(anna, ben, "1000")), h.must(pay(anna, ben, "1500"))
	superuser, err := pgx.Connect(t.Context(), dbtest.Superuser(h.store.Pool().Config().ConnString()))
	if err != nil {
		t.Fatal(err)
	}
	defer superuser.Close(context.WithoutCancel(t.Context()))
	if _, err := superuser.Exec(t.Context(), "SET session_replication_role = replica"); err != nil { // a foreign key looks as the owner, who may not lock events
		t.Fatal(err)
	}
	for _, statement := range []string{
		"DELETE FROM challenge_event WHERE challenge_id IN (SELECT challenge_id FROM challenge WHERE transaction_request_id = $1)", "DELETE FROM challenge WHERE transaction_request_id = $1",
		"UPDATE transaction_request SET required_answers = 0 WHERE transaction_request_id = $1",
	} {
		if _, err := superuser.Exec(t.Context(), statement, request.TransactionRequestID); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.SweepChallenges(t.Context()); err != nil {
		t.Error(err)
	}
	h.has(anna, "5000", "2500")
	files, err := filepath.Glob("../db/migrations/*_challenge_of_before.sql")
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	migration, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // it finds nothing the second time
		h.sql(string(migration))
	}
	if err := h.SweepChallenges(t.Context()); err != nil {
		t.Error(err)
	}
	h.wants(request, "1 INITIATED, 2 FAILED", "demo-owner EXPIRED 0 1OPEN,2EXPIRED")
	if n := h.count("SELECT count(*) FROM transaction_request WHERE transaction_request_id = $1 AND reason = 'CHALLENGES_EXPIRED'", request.TransactionRequestID); n != 1 {
		t.Error("nobody is told why")
	}
	h.wants(asked, "1 INITIATED", "demo-owner OPEN 0 1OPEN")
	h.has(anna, "5000", "1500")
}
