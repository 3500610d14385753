package bank_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/uuid"

	"bankgraph/db/dbtest"
	"bankgraph/models"
)

func TestUsedUpAttemptsEndTheRequest(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "5000"), h.open(firstBank, "EUR", "0")
	request := h.must(pay(anna, ben, "1000"))
	for range 3 {
		_, err := h.answer("demo-owner", request, wrong)
		wantRefusal(t, err, models.ChallengeFailed, "OBP-40016")
	}
	_, err := h.answer("demo-owner", request, right)
	wantRefusal(t, err, models.ChallengeFailed, "OBP-40016")
	h.wants(request, "1 INITIATED, 2 FAILED", "demo-owner FAILED 3 1OPEN,2FAILED")
	h.has(anna, "5000", "0")
	if n := h.count("SELECT count(*) FROM transaction_request WHERE reason = 'CHALLENGES_USED_UP' AND account_id = $1", anna.AccountID); n != 1 {
		t.Errorf("%d are used up", n)
	}
	// Whoever took the last attempt may never have come to its end: the sweeper does, and not before they could.
	request = h.must(pay(anna, ben, "1000"))
	h.sql("UPDATE challenge SET attempts = 3, attempted_at = now() - interval '20 seconds' WHERE transaction_request_id = $1", request.TransactionRequestID)
	if err := h.SweepChallenges(t.Context()); err != nil {
		t.Error(err)
	}
	h.wants(request, "1 INITIATED", "demo-owner OPEN 3 1OPEN")
	h.sql("UPDATE challenge SET attempted_at = now() - interval '31 seconds' WHERE transaction_request_id = $1", request.TransactionRequestID)
	if err := h.SweepChallenges(t.Context()); err != nil {
		t.Error(err)
	}
	h.wants(request, "1 INITIATED, 2 FAILED", "demo-owner FAILED 3 1OPEN,2FAILED")
	h.has(anna, "5000", "0")
}

// TestB05WrongAnswersInARowBlockTheUser: over all challenges and banks, whichever request they are for.
func TestB05WrongAnswersInARowBlockTheUser(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "50000"), h.open(firstBank, "EUR", "0")
	elsewhere, payee := h.open(secondBank, "EUR", "5000"), h.open(secondBank, "EUR", "0")
	evaluated := 0
	for i := range 20 {
		request := h.must(pay(anna, ben, "1000"))
		for range 2 {
			_, err := h.answer("demo-owner", request, wrong)
			wantRefusal(t, err, models.ChallengeFailed, "OBP-40016")
		}
		evaluated += h.count("SELECT attempts FROM challenge WHERE transaction_request_id = $1", request.TransactionRequestID)
		if until, err := h.BlockedUntil(h.as(t, "demo-owner")); err != nil || (until != nil) != (i >= 2) {
			t.Errorf("after %d: %v %v", 2*i+2, until, err)
		}
	}
	if evaluated != 5 {
		t.Errorf("%d were evaluated", evaluated)
	}
	if n := h.count("SELECT count(*) FROM audit_entry WHERE action = 'blockChallengeAnswers'"); n != 1 {
		t.Errorf("the trail tells of %d blocks", n)
	}
	again := h.beside() // the block outlives the process
	request := h.must(pay(elsewhere, payee, "2500"))
	_, err := again.answer("demo-owner", request, right)
	wantRefusal(t, err, models.ChallengeFailed, "OBP-40016")
	h.wants(request, "1 INITIATED", "demo-owner OPEN 0 1OPEN")
	h.sql("UPDATE user_authentication SET blocked_until = now()")
	if _, err := again.answer("demo-owner", request, right); err != nil {
		t.Error(err)
	}
	if n := h.count("SELECT failures FROM user_authentication"); n != 0 {
		t.Errorf("%d failures are left after a right answer", n)
	}
}

// TestC13TheSameAnswerAgain: the same key and input is told the same outcome as it is now, one after the other and at once.
func TestC13TheSameAnswerAgain(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	other := h.beside()
	anna, ben := h.open(firstBank, "EUR", "5000"), h.open(firstBank, "EUR", "0")
	request := h.must(pay(anna, ben, "1000"))
	in := answerOf(request, h.challengeOf(request, "demo-owner"), right)
	caller := h.as(t, "demo-owner")
	ids := map[uuid.UUID]bool{}
	for i := range 10 {
		done, err := []till{h, other}[i%2].AnswerChallenge(caller, in)
		if err != nil || done.Status != models.TransactionRequestStatusCompleted {
			t.Fatalf("%+v %v", done, err)
		}
		ids[*done.TransactionUUID] = true
	}
	if len(ids) != 1 || h.count("SELECT attempts FROM challenge WHERE transaction_request_id = $1", request.TransactionRequestID) != 1 {
		t.Errorf("%v", ids)
	}
	changed := in
	changed.Answer = wrong
	_, err := h.AnswerChallenge(caller, changed)
	wantRefusal(t, err, models.KeyConflict, "")
	for range 10 {
		request = h.must(pay(anna, h.open(firstBank, "EUR", "0"), "1000", valued("20", "EUR"), func(in *models.CreateTransactionRequestInput) {
			in.Payee = &models.PayeeInput{AccountOtp: payeeAt(ben)}
		}))
		in = answerOf(request, h.challengeOf(request, "demo-owner"), right)
		dbtest.Codes(dbtest.Together(10, func(i int) error {
			_, err := []till{h, other}[i%2].AnswerChallenge(caller, in)
			return err
		}))
		done, err := h.AnswerChallenge(caller, in)
		if err != nil || done.Status != models.TransactionRequestStatusCompleted {
			t.Fatalf("%+v %v", done, err)
		}
	}
	h.has(anna, "3800", "0")
}

func TestBadAnswersAreRefusedBeforeTheyCount(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "5000"), h.open(firstBank, "EUR", "0")
	request := h.must(pay(anna, ben, "1000"))
	for _, code := range []string{"", "12345a", " 123", "1234567890123", "-1", "１２３"} {
		_, err := h.answer("demo-owner", request, code)
		wantRefusal(t, err, models.BadInput, "OBP-10001", "input", "answer")
	}
	h.wants(request, "1 INITIATED", "demo-owner OPEN 0 1OPEN")
}

// TestAnAttemptStaysCountedWhateverFollows: the client leaves, or the ledger is away, when the attempt is counted.
func TestAnAttemptStaysCountedWhateverFollows(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "5000"), h.open(firstBank, "EUR", "0")
	request := h.must(pay(anna, ben, "1000"))
	lame := h.WithLedger(nil)
	_, err := lame.AnswerChallenge(h.as(t, "demo-owner"), answerOf(request, h.challengeOf(request, "demo-owner"), right))
	var refusal *models.Error
	if err == nil || errors.As(err, &refusal) {
		t.Errorf("without a ledger: %v", err)
	}
	h.wants(request, "1 INITIATED", "demo-owner OPEN 1 1OPEN")
	ctx, cancel := context.WithCancel(h.as(t, "demo-owner"))
	cancel()
	if _, err := h.AnswerChallenge(ctx, answerOf(request, h.challengeOf(request, "demo-owner"), right)); err == nil {
		t.Error("who is gone is answered")
	}
	if n := h.count("SELECT attempts FROM challenge WHERE transaction_request_id = $1", request.TransactionRequestID); n > 2 {
		t.Errorf("%d attempts", n)
	}
}

// guessRounds is how often TestB04 guesses at once: a note of the release says how often it was done.
var guessRounds = flag.Int("guess-rounds", 15, "rounds of parallel guesses in TestB04")

// TestB04GuessesAtOnceAreNeverMoreThanAllowed: many guesses at one challenge at the same time, by two processes, of which one is right.
func TestB04GuessesAtOnceAreNeverMoreThanAllowed(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	other := h.beside()
	owner, guesses, paid, beyond := h.as(t, "demo-owner"), 0, 0, 0
	for round := range *guessRounds {
		anna, ben := h.open(firstBank, "EUR", "5000"), h.open(firstBank, "EUR", "0")
		request := h.must(pay(anna, ben, "1000"))
		challenge, lucky := h.challengeOf(request, "demo-owner"), rand.IntN(24)
		h.sql("DELETE FROM user_authentication")
		counts := dbtest.Codes(dbtest.Together(24, func(i int) error {
			code := fmt.Sprintf("%06d", i)
			if i == lucky {
				code = right
			}
			_, err := []till{h, other}[(round+i)%2].AnswerChallenge(owner, answerOf(request, challenge, code))
			return err
		}))
		guesses += 24
		if n := h.count("SELECT attempts FROM challenge WHERE challenge_id = $1", challenge.UUID); n > 3 || n < 1 {
			beyond++
			t.Errorf("%d attempts", n)
		}
		if counts[dbtest.Done] > 1 || counts[dbtest.Done]+counts[models.ChallengeFailed] != 24 {
			t.Errorf("%v", counts)
		}
		switch n := h.count("SELECT count(*) FROM posting WHERE account_id = $1", anna.AccountID); {
		case n == 1 && counts[dbtest.Done] == 1:
			paid++
			h.has(anna, "4000", "0")
		case n == 0 && counts[dbtest.Done] == 0:
			h.has(anna, "5000", "0")
			h.wants(request, "1 INITIATED, 2 FAILED", "demo-owner FAILED 3 1OPEN,2FAILED")
		default:
			t.Errorf("%d postings after %v", n, counts)
		}
	}
	t.Logf("%d guesses in %d rounds: %d were paid, %d rounds evaluated more than is allowed", guesses, *guessRounds, paid, beyond)
}

// TestC04ThreeAnswerAtOnce: each order of them is one payment.
func TestC04ThreeAnswerAtOnce(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	other := h.beside()
	users := []string{"demo-owner", "demo-approver", "demo-stranger"}
	for round := range 10 {
		anna, ben := h.open(firstBank, "EUR", "5000"), h.open(firstBank, "EUR", "0")
		h.takes(anna, fmt.Sprint(2+round%2))
		h.give("demo-approver", anna, "standard")
		h.give("demo-stranger", anna, "standard")
		request := h.must(pay(anna, ben, "1000"))
		ins, callers := make([]models.AnswerTransactionRequestChallengeInput, 3), make([]context.Context, 3)
		for i, user := range users {
			ins[i], callers[i] = answerOf(request, h.challengeOf(request, user), right), h.as(t, user)
		}
		failures := make([]error, 3)
		dbtest.Codes(dbtest.Together(3, func(i int) error {
			_, failures[i] = []till{h, other}[i%2].AnswerChallenge(callers[i], ins[i])
			return failures[i]
		}))
		failed := 0
		for _, err := range failures {
			if err != nil {
				failed++
				wantRefusal(t, err, models.ChallengeFailed, "OBP-40016")
			}
		}
		if failed != 1-round%2 {
			t.Errorf("%v", failures)
		}
		h.has(anna, "4000", "0")
		if n := h.count("SELECT count(*) FROM transaction_request_event WHERE transaction_request_id = $1 AND status = 'COMPLETED'", request.TransactionRequestID); n != 1 {
			t.Errorf("completed %d times", n)
		}
		if n := h.count("SELECT count(*) FROM posting WHERE account_id = $1", anna.AccountID); n != 1 {
			t.Errorf("%d postings", n)
		}
	}
}
