package bank_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"bankgraph/bank"
	"bankgraph/mail"
	"bankgraph/models"
	"bankgraph/outbox"
)

// takes says how many users must approve what an account pays.
func (h till) takes(account *models.Account, answers string) {
	h.t.Helper()
	if _, err := h.store.Pool().Exec(h.t.Context(), `INSERT INTO account_attribute (account_attribute_id, bank_id, account_id, name, type, value)
		VALUES (gen_random_uuid(), $1, $2, 'REQUIRED_CHALLENGE_ANSWERS', 'INTEGER', $3)`, account.BankID, account.AccountID, answers); err != nil {
		h.t.Fatal(err)
	}
}

func (h till) sql(statement string, arguments ...any) {
	h.t.Helper()
	if _, err := h.store.Pool().Exec(h.t.Context(), statement, arguments...); err != nil {
		h.t.Fatal(err)
	}
}

// challengeOf is the challenge of a user for a request.
func (h till) challengeOf(request *models.TransactionRequest, user string) models.ID {
	h.t.Helper()
	var id uuid.UUID
	if err := h.store.Pool().QueryRow(h.t.Context(), "SELECT challenge_id FROM challenge WHERE transaction_request_id = $1 AND user_id = $2",
		request.TransactionRequestID, h.id(h.t, user).UUID).Scan((*[16]byte)(&id)); err != nil {
		h.t.Fatal(user, err)
	}
	return models.ID{Kind: models.KindChallenge, UUID: id}
}

func answerOf(request *models.TransactionRequest, challenge models.ID, code string) models.AnswerTransactionRequestChallengeInput {
	return models.AnswerTransactionRequestChallengeInput{
		BankID: request.BankID, AccountID: request.AccountID(), TransactionRequestID: request.ID(), ChallengeID: challenge, Answer: code, IdempotencyKey: uuid.NewString(),
	}
}

// answer answers the user's own challenge.
func (h till) answer(user string, request *models.TransactionRequest, code string) (*models.TransactionRequest, error) {
	h.t.Helper()
	return h.AnswerChallenge(h.as(h.t, user), answerOf(request, h.challengeOf(request, user), code))
}

// wants says where a request stands, and what happened to its challenges.
func (h till) wants(request *models.TransactionRequest, events, challenges string) {
	h.t.Helper()
	if got := h.events(request); got != events {
		h.t.Errorf("the request has been %s, want %s", got, events)
	}
	var got string
	if err := h.store.Pool().QueryRow(h.t.Context(), `SELECT coalesce(string_agg(u.username || ' ' || c.status || ' ' || c.attempts || ' ' || (SELECT string_agg(e.number || e.status, ',' ORDER BY e.number)
		FROM challenge_event AS e WHERE e.challenge_id = c.challenge_id), '; ' ORDER BY u.username), '') FROM challenge AS c JOIN app_user AS u USING (user_id) WHERE c.transaction_request_id = $1`,
		request.TransactionRequestID).Scan(&got); err != nil || got != challenges {
		h.t.Errorf("the challenges are %q, want %q: %v", got, challenges, err)
	}
}

const right, wrong = "123", "124"

func TestARightAnswerPays(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "2000"), h.open(firstBank, "EUR", "0")
	request := h.must(pay(anna, ben, "1000"))
	if request.Status != models.TransactionRequestStatusInitiated || request.RequiredAnswers != 1 || request.MissingAnswers() != 1 {
		t.Errorf("%+v", request)
	}
	h.has(anna, "2000", "1000")
	done, err := h.answer("demo-owner", request, right)
	if err != nil {
		t.Fatal(err)
	}
	if done.Status != models.TransactionRequestStatusCompleted || done.TransactionUUID == nil || done.MissingAnswers() != 0 {
		t.Errorf("%+v", done)
	}
	h.has(anna, "1000", "0")
	h.has(ben, "1000", "0")
	h.wants(request, "1 INITIATED, 2 COMPLETED", "demo-owner ANSWERED 1 1OPEN,2ANSWERED")
}

func TestAQuorumOfUsersApproves(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "5000"), h.open(firstBank, "EUR", "0")
	h.takes(anna, "2")
	h.refused(pay(anna, ben, "1000"), models.Policy, "") // there is only one who could
	h.has(anna, "5000", "0")
	h.give("demo-approver", anna, "standard")
	h.give("demo-stranger", anna, "standard")
	request := h.must(pay(anna, ben, "1000"))
	h.sql("UPDATE account_attribute SET value = '1' WHERE account_id = $1", anna.AccountID) // it was read
	next, err := h.answer("demo-approver", request, right)
	if err != nil || next.Status != models.TransactionRequestStatusNextChallengePending || next.MissingAnswers() != 1 {
		t.Fatalf("%+v %v", next, err)
	}
	h.has(anna, "5000", "1000")
	done, err := h.answer("demo-owner", request, right)
	if err != nil || done.Status != models.TransactionRequestStatusCompleted {
		t.Fatalf("%+v %v", done, err)
	}
	h.has(anna, "4000", "0")
	h.wants(request, "1 INITIATED, 2 NEXT_CHALLENGE_PENDING, 3 COMPLETED",
		"demo-approver ANSWERED 1 1OPEN,2ANSWERED; demo-owner ANSWERED 1 1OPEN,2ANSWERED; demo-stranger CANCELLED 0 1OPEN,2CANCELLED")
	for _, value := range []string{"two", "0", "-1", "1.5", ""} {
		h.sql("UPDATE account_attribute SET value = $2 WHERE account_id = $1", anna.AccountID, value)
		h.refused(pay(anna, ben, "1000"), models.Policy, "")
	}
	h.has(anna, "4000", "0")
}

// TestC02OneUserIsOneAnswer: what leaked of another's challenge is of no use to whoever has answered their own.
func TestC02OneUserIsOneAnswer(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "5000"), h.open(firstBank, "EUR", "0")
	h.takes(anna, "2")
	h.give("demo-approver", anna, "standard")
	request := h.must(pay(anna, ben, "1000"))
	if _, err := h.answer("demo-owner", request, right); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for _, challenge := range []models.ID{h.challengeOf(request, "demo-approver"), h.challengeOf(request, "demo-owner")} {
			_, err := h.AnswerChallenge(h.as(t, "demo-owner"), answerOf(request, challenge, right))
			wantRefusal(t, err, models.ChallengeFailed, "OBP-40016")
		}
	}
	h.wants(request, "1 INITIATED, 2 NEXT_CHALLENGE_PENDING", "demo-approver OPEN 0 1OPEN; demo-owner ANSWERED 1 1OPEN,2ANSWERED")
	h.has(anna, "5000", "1000")
}

// TestC01AStrangersAnswer: it consumes nothing of whom the challenge is for, says what every failure says, and is in the audit trail.
func TestC01AStrangersAnswer(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "5000"), h.open(firstBank, "EUR", "0")
	h.give("demo-approver", anna, "standard")
	request := h.must(pay(anna, ben, "1000"))
	challenge := h.challengeOf(request, "demo-owner")
	_, failure := h.answer("demo-owner", request, wrong)
	for _, user := range []string{"demo-approver", "demo-stranger"} {
		_, err := h.AnswerChallenge(h.as(t, user), answerOf(request, challenge, right))
		wantRefusal(t, err, models.ChallengeFailed, "OBP-40016")
		if err.Error() != failure.Error() {
			t.Errorf("%s, and not %s", err, failure)
		}
		if n := h.count("SELECT count(*) FROM audit_entry WHERE action = 'answerTransactionRequestChallenge' AND outcome = 'DENIED' AND object_id = $1 AND username = $2", challenge.String(), user); n != 1 {
			t.Errorf("%d entries of %s", n, user)
		}
	}
	h.wants(request, "1 INITIATED", "demo-owner OPEN 1 1OPEN")
	if _, err := h.answer("demo-owner", request, right); err != nil {
		t.Error(err)
	}
}

// TestC05AllThatIsNamedBelongsTogether: a challenge of one request answers no other one, and no other account or bank.
func TestC05AllThatIsNamedBelongsTogether(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "5000"), h.open(firstBank, "EUR", "0")
	one, two := h.must(pay(anna, ben, "1000")), h.must(pay(anna, ben, "1100"))
	for _, change := range []func(*models.AnswerTransactionRequestChallengeInput){
		func(in *models.AnswerTransactionRequestChallengeInput) { in.TransactionRequestID = two.ID() },
		func(in *models.AnswerTransactionRequestChallengeInput) {
			in.ChallengeID = h.challengeOf(two, "demo-owner")
		},
		func(in *models.AnswerTransactionRequestChallengeInput) { in.AccountID = ben.ID() },
		func(in *models.AnswerTransactionRequestChallengeInput) { in.BankID = secondBank },
	} {
		in := answerOf(one, h.challengeOf(one, "demo-owner"), right)
		change(&in)
		_, err := h.AnswerChallenge(h.as(t, "demo-owner"), in)
		wantRefusal(t, err, models.ChallengeFailed, "OBP-40016")
	}
	for _, request := range []*models.TransactionRequest{one, two} {
		h.wants(request, "1 INITIATED", "demo-owner OPEN 0 1OPEN")
	}
	h.has(anna, "5000", "2100")
}

// TestC07TheCodeIsForWhatWasShown: whatever of the request is changed behind our back, its codes are void.
func TestC07TheCodeIsForWhatWasShown(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben, eve := h.open(firstBank, "EUR", "50000"), h.open(firstBank, "EUR", "0"), h.open(firstBank, "EUR", "0")
	other := h.open(secondBank, "EUR", "0")
	for name, change := range map[string]string{
		"amount": "amount = 999", "reaching": "credited_amount = 1001", "charge": "charge_amount = 1", "policy": "charge_policy = 'SENDER'",
		"payee": "payee_account_id = '" + eve.AccountID.String() + "'", "name": "payee_name = 'Eve'", "address": "payee_address = 'X'",
		"bank": "payee_bank_id = 'nl.07.demo', payee_account_id = '" + other.AccountID.String() + "'",
	} {
		request := h.must(pay(anna, ben, "1000"))
		h.sql("UPDATE transaction_request SET "+change+" WHERE transaction_request_id = $1", request.TransactionRequestID)
		_, err := h.answer("demo-owner", request, right)
		if err == nil {
			t.Errorf("%s was changed", name)
		}
		wantRefusal(t, err, models.ChallengeFailed, "OBP-40016")
		h.sql("UPDATE user_authentication SET failures = 0, blocked_until = NULL")
		if _, err := h.end(request, models.TransactionRequestStatusCancelled, "TEST"); err != nil {
			t.Error(err)
		}
	}
	request := h.must(pay(anna, ben, "1000"))
	h.sql("UPDATE challenge SET nonce = '0123456789abcdef' WHERE transaction_request_id = $1", request.TransactionRequestID)
	_, err := h.answer("demo-owner", request, right)
	wantRefusal(t, err, models.ChallengeFailed, "OBP-40016")
	h.has(eve, "0", "0")
	h.has(anna, "50000", "1000")
}

// TestC08AuthorityIsAskedAgain: who lost the view or the role meanwhile approves nothing any more.
func TestC08AuthorityIsAskedAgain(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "5000"), h.open(firstBank, "EUR", "0")
	request := h.must(pay(anna, ben, "1000"))
	caller := h.as(t, "demo-owner") // who they are was read before
	h.sql("DELETE FROM account_access WHERE account_id = $1", anna.AccountID)
	_, err := h.AnswerChallenge(caller, answerOf(request, h.challengeOf(request, "demo-owner"), right))
	wantRefusal(t, err, models.ChallengeFailed, "OBP-40016")
	h.sql("INSERT INTO account_view (view_id, description, permissions) VALUES ('_sees', 'Sees requests.', '{can_see_transaction_requests}')")
	h.give("demo-owner", anna, "_sees") // it does not do
	_, err = h.AnswerChallenge(caller, answerOf(request, h.challengeOf(request, "demo-owner"), right))
	wantRefusal(t, err, models.ChallengeFailed, "OBP-40016")
	h.give("demo-owner", anna, models.OwnerView)
	if _, err = h.AnswerChallenge(caller, answerOf(request, h.challengeOf(request, "demo-owner"), right)); err != nil {
		t.Error(err)
	}
	// Who may by a role: it is taken, and given again.
	officer, in := h.as(t, "demo-admin"), pay(anna, ben, "1000")
	asked, err := h.CreateTransactionRequest(officer, in)
	if err != nil {
		t.Fatal(err)
	}
	challenge := h.challengeOf(asked, "demo-admin")
	h.sql("UPDATE entitlement SET role = 'CanGetCustomerAddress2' WHERE role = 'CanCreateAnyTransactionRequest'")
	_, err = h.AnswerChallenge(officer, answerOf(asked, challenge, right))
	wantRefusal(t, err, models.ChallengeFailed, "OBP-40016")
	h.sql("UPDATE entitlement SET role = 'CanCreateAnyTransactionRequest' WHERE role = 'CanGetCustomerAddress2'")
	if _, err = h.AnswerChallenge(officer, answerOf(asked, challenge, right)); err != nil {
		t.Error(err)
	}
}

// TestC10AnExpiredChallengeGivesNoHint: right or wrong, it has expired; the request ends, once, and what was reserved is free.
func TestC10AnExpiredChallengeGivesNoHint(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	other := h.beside()
	anna, ben := h.open(firstBank, "EUR", "5000"), h.open(firstBank, "EUR", "0")
	request := h.must(pay(anna, ben, "1000"))
	h.sql("UPDATE challenge SET made_at = made_at - interval '600 seconds', expires_at = expires_at - interval '600 seconds'")
	for range 2 {
		for _, code := range []string{right, wrong, "000000"} {
			_, err := h.answer("demo-owner", request, code)
			wantRefusal(t, err, models.ChallengeExpired, "OBP-20211")
		}
		together(4, func(i int) error { return []till{h, other}[i%2].SweepChallenges(t.Context()) })
		h.wants(request, "1 INITIATED, 2 FAILED", "demo-owner EXPIRED 0 1OPEN,2EXPIRED")
		h.has(anna, "5000", "0")
	}
	if n := h.count("SELECT coalesce(max(failures), 0) FROM user_authentication"); n != 0 {
		t.Errorf("%d failures are counted", n)
	}
	if n := h.count("SELECT count(*) FROM transaction_request WHERE reason = 'CHALLENGES_EXPIRED' AND account_id = $1", anna.AccountID); n != 1 {
		t.Errorf("%d have expired", n)
	}
	// Of two that must answer one is in time: the other's end ends the request.
	h.takes(anna, "2")
	h.give("demo-approver", anna, "standard")
	h.give("demo-stranger", anna, "standard")
	request = h.must(pay(anna, ben, "1000"))
	if _, err := h.answer("demo-owner", request, right); err != nil {
		t.Fatal(err)
	}
	expire := "UPDATE challenge SET expires_at = now() - interval '1 second' WHERE transaction_request_id = $1 AND user_id = $2"
	h.sql(expire, request.TransactionRequestID, h.id(t, "demo-approver").UUID)
	if err := h.SweepChallenges(t.Context()); err != nil {
		t.Error(err)
	}
	h.wants(request, "1 INITIATED, 2 NEXT_CHALLENGE_PENDING", "demo-approver EXPIRED 0 1OPEN,2EXPIRED; demo-owner ANSWERED 1 1OPEN,2ANSWERED; demo-stranger OPEN 0 1OPEN")
	h.sql(expire, request.TransactionRequestID, h.id(t, "demo-stranger").UUID)
	if err := h.SweepChallenges(t.Context()); err != nil {
		t.Error(err)
	}
	h.wants(request, "1 INITIATED, 2 NEXT_CHALLENGE_PENDING, 3 FAILED", "demo-approver EXPIRED 0 1OPEN,2EXPIRED; demo-owner ANSWERED 1 1OPEN,2ANSWERED; demo-stranger EXPIRED 0 1OPEN,2EXPIRED")
	h.has(anna, "5000", "0")
}

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
	if len(ids) != 1 || h.count("SELECT attempts FROM challenge") != 1 {
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
		together(10, func(i int) error {
			_, err := []till{h, other}[i%2].AnswerChallenge(caller, in)
			return err
		})
		done, err := h.AnswerChallenge(caller, in)
		if err != nil || done.Status != models.TransactionRequestStatusCompleted {
			t.Fatalf("%+v %v", done, err)
		}
	}
	h.has(anna, "3800", "0")
}

func TestARequestIsRejectedOrTakenBackOnce(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "5000"), h.open(firstBank, "EUR", "0")
	h.takes(anna, "2")
	h.give("demo-approver", anna, "standard")
	request := h.must(pay(anna, ben, "1000"))
	in := models.RejectTransactionRequestInput{BankID: firstBank, AccountID: anna.ID(), TransactionRequestID: request.ID(), ReasonCode: to("FRAUD"), AdditionalInformation: to("She did not ask for it.")}
	_, err := h.RejectTransactionRequest(h.as(t, "demo-stranger"), in)
	wantRefusal(t, err, models.Forbidden, "OBP-20006")
	rejected, err := h.RejectTransactionRequest(h.as(t, "demo-approver"), in)
	if err != nil || rejected.Status != models.TransactionRequestStatusRejected || *rejected.Reason != "FRAUD" {
		t.Fatalf("%+v %v", rejected, err)
	}
	h.wants(request, "1 INITIATED, 2 REJECTED", "demo-approver CANCELLED 0 1OPEN,2CANCELLED; demo-owner CANCELLED 0 1OPEN,2CANCELLED")
	h.has(anna, "5000", "0")
	if n := h.count("SELECT count(*) FROM transaction_request_attribute WHERE (name, value) IN (('reject_reason_code', 'FRAUD'), ('reject_additional_information', 'She did not ask for it.'))"); n != 2 {
		t.Errorf("%d attributes", n)
	}
	_, err = h.RejectTransactionRequest(h.as(t, "demo-owner"), in)
	wantRefusal(t, err, models.InvalidState, "OBP-40020")
	cancel := models.CancelTransactionRequestInput{BankID: firstBank, AccountID: anna.ID(), TransactionRequestID: request.ID()}
	_, err = h.CancelTransactionRequest(h.as(t, "demo-owner"), cancel)
	wantRefusal(t, err, models.InvalidState, "OBP-40020")
	_, err = h.answer("demo-owner", request, right)
	wantRefusal(t, err, models.ChallengeFailed, "OBP-40016")

	waiting := h.must(pay(anna, ben, "10", inDays(3)))
	cancel.TransactionRequestID = waiting.ID()
	_, err = h.CancelTransactionRequest(h.as(t, "demo-stranger"), cancel)
	wantRefusal(t, err, models.Forbidden, "OBP-20006")
	wrongly := cancel
	wrongly.AccountID = ben.ID()
	_, err = h.CancelTransactionRequest(h.as(t, "demo-owner"), wrongly)
	wantRefusal(t, err, models.NotFound, "OBP-40004")
	if taken, err := h.CancelTransactionRequest(h.as(t, "demo-owner"), cancel); err != nil || taken.Status != models.TransactionRequestStatusCancelled {
		t.Errorf("%+v %v", taken, err)
	}
	h.has(anna, "5000", "0")
}

func TestAnApprovedPaymentWaitsForItsDay(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "5000"), h.open(firstBank, "EUR", "0")
	request := h.must(pay(anna, ben, "1000", inDays(2)))
	waits, err := h.answer("demo-owner", request, right)
	if err != nil || waits.Status != models.TransactionRequestStatusPending {
		t.Fatalf("%+v %v", waits, err)
	}
	h.has(anna, "5000", "1000")
	h.later(request, 2)
	if n, err := h.PayDue(t.Context()); err != nil || n != 1 {
		t.Errorf("%d are paid: %v", n, err)
	}
	h.has(anna, "4000", "0")
	h.wants(request, "1 INITIATED, 2 PENDING, 3 COMPLETED", "demo-owner ANSWERED 1 1OPEN,2ANSWERED")
}

// TestWhoIsAskedToPayBackApproves: the debited side sees the request, and answers it; who asked does not.
func TestWhoIsAskedToPayBackApproves(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	h.sql("INSERT INTO account_view (view_id, description, permissions) VALUES ('_sees', 'Sees requests.', '{can_see_transaction_requests}')")
	anna, shop := h.open(firstBank, "EUR", "100"), h.open(firstBank, "EUR", "50", "_sees")
	original := h.must(pay(anna, shop, "60"))
	from := &models.PayeeRefundToInput{Account: payeeAt(shop)}
	h.refused(pay(anna, nil, "40", refund(original, nil, from)), models.Policy, "") // nobody there could approve it
	h.give("demo-approver", shop, "standard")
	h.give("demo-stranger", shop, "standard")
	request := h.must(pay(anna, nil, "40", refund(original, nil, from)))
	h.wants(request, "1 INITIATED", "demo-approver OPEN 0 1OPEN; demo-stranger OPEN 0 1OPEN")
	done, err := h.answer("demo-stranger", request, right)
	if err != nil || done.Status != models.TransactionRequestStatusCompleted {
		t.Fatalf("%+v %v", done, err)
	}
	h.has(anna, "80", "0")
	h.has(shop, "70", "0")
	again := h.must(pay(anna, nil, "20", refund(original, nil, from)))
	in := models.RejectTransactionRequestInput{BankID: again.BankID, AccountID: again.AccountID(), TransactionRequestID: again.ID()}
	if _, err := h.RejectTransactionRequest(h.as(t, "demo-owner"), in); err == nil {
		t.Error("who asks says no")
	}
	if _, err := h.RejectTransactionRequest(h.as(t, "demo-approver"), in); err != nil {
		t.Error(err)
	}
	h.has(shop, "70", "0")
}

func TestACodeIsSentAnew(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "5000"), h.open(firstBank, "EUR", "0")
	request := h.must(pay(anna, ben, "1000"))
	in := models.ResendChallengeInput{BankID: firstBank, ChallengeID: h.challengeOf(request, "demo-owner")}
	owner := h.as(t, "demo-owner")
	_, err := h.answer("demo-owner", request, wrong)
	wantRefusal(t, err, models.ChallengeFailed, "OBP-40016")
	_, err = h.ResendChallenge(owner, in)
	if refusal := wantRefusal(t, err, models.LimitExceeded, ""); refusal.ResetsAt == nil {
		t.Errorf("%+v", refusal)
	}
	_, err = h.ResendChallenge(h.as(t, "demo-approver"), in)
	wantRefusal(t, err, models.NotFound, "")
	for i := range 3 {
		h.sql("UPDATE challenge SET sent_at = sent_at - interval '31 seconds', expires_at = expires_at - interval '60 seconds'")
		before := h.hashOf(in.ChallengeID)
		challenge, err := h.ResendChallenge(owner, in)
		if err != nil || challenge.Resends != i+1 || challenge.Attempts != 1 || challenge.ExpiresAt.Sub(challenge.SentAt) != 10*time.Minute || before == h.hashOf(in.ChallengeID) {
			t.Fatalf("%+v %v", challenge, err)
		}
	}
	h.sql("UPDATE challenge SET sent_at = sent_at - interval '31 seconds'")
	_, err = h.ResendChallenge(owner, in)
	wantRefusal(t, err, models.LimitExceeded, "")
	if _, err := h.answer("demo-owner", request, right); err != nil {
		t.Error(err)
	}
	h.wants(request, "1 INITIATED, 2 COMPLETED", "demo-owner ANSWERED 2 1OPEN,2OPEN,3OPEN,4OPEN,5ANSWERED")
	_, err = h.ResendChallenge(owner, in)
	wantRefusal(t, err, models.InvalidState, "")
}

func (h till) hashOf(challenge models.ID) (hash string) {
	h.t.Helper()
	if err := h.store.Pool().QueryRow(h.t.Context(), "SELECT encode(code_hash, 'hex') FROM challenge WHERE challenge_id = $1", challenge.UUID).Scan(&hash); err != nil {
		h.t.Fatal(err)
	}
	return hash
}

// TestWhatCannotBeSentIsNotAskedFor: no request is made that nobody could approve.
func TestWhatCannotBeSentIsNotAskedFor(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "5000"), h.open(firstBank, "EUR", "0")
	for _, way := range []bank.Challenges{
		{}, {Keys: dummies.Keys, Method: models.ChallengeMethodDummy}, {Keys: dummies.Keys, Method: models.ChallengeMethodEmail}, {Keys: dummies.Keys, Method: models.ChallengeMethodSms, AllowDummy: true},
	} {
		_, err := h.WithChallenges(way).CreateTransactionRequest(h.as(t, "demo-owner"), pay(anna, ben, "1000"))
		wantRefusal(t, err, models.Policy, "OBP-10030")
	}
	// A code that everybody knows is taken no more when the server is started without.
	request := h.must(pay(anna, ben, "1000"))
	strict := dummies
	strict.AllowDummy = false
	_, err := h.WithChallenges(strict).AnswerChallenge(h.as(t, "demo-owner"), answerOf(request, h.challengeOf(request, "demo-owner"), right))
	wantRefusal(t, err, models.ChallengeFailed, "OBP-40016")
	h.has(anna, "5000", "1000")
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
	if n := h.count("SELECT attempts FROM challenge"); n > 2 {
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
		counts := together(24, func(i int) error {
			code := fmt.Sprintf("%06d", i)
			if i == lucky {
				code = right
			}
			_, err := []till{h, other}[(round+i)%2].AnswerChallenge(owner, answerOf(request, challenge, code))
			return err
		})
		guesses += 24
		if n := h.count("SELECT attempts FROM challenge WHERE challenge_id = $1", challenge.UUID); n > 3 || n < 1 {
			beyond++
			t.Errorf("%d attempts", n)
		}
		if counts["DONE"] > 1 || counts["DONE"]+counts[models.ChallengeFailed] != 24 {
			t.Errorf("%v", counts)
		}
		switch n := h.count("SELECT count(*) FROM posting WHERE account_id = $1", anna.AccountID); {
		case n == 1 && counts["DONE"] == 1:
			paid++
			h.has(anna, "4000", "0")
		case n == 0 && counts["DONE"] == 0:
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
		together(3, func(i int) error {
			_, failures[i] = []till{h, other}[i%2].AnswerChallenge(callers[i], ins[i])
			return failures[i]
		})
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

// TestCodesGoWhereTheUserIsReached: by mail to the address of the login, by text message to the number that an operator noted, and nobody is asked who has neither.
func TestCodesGoWhereTheUserIsReached(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	gateway, err := outbox.OpenGateway(outbox.GatewayOptions{URL: "https://sms.example.com/send", Secret: []byte("a secret of a test, of 32 bytes.")})
	if err != nil {
		t.Fatal(err)
	}
	box, err := outbox.New(h.store, outbox.Options{Keys: dummies.Keys, Mail: mail.OpenOutbox(t.TempDir()), SMS: gateway})
	if err != nil {
		t.Fatal(err)
	}
	ways := dummies
	ways.Method, ways.AllowDummy = models.ChallengeMethodEmail, false
	h.Bank = h.WithOutbox(box).WithChallenges(ways)
	anna, ben := h.open(firstBank, "EUR", "50000"), h.open(firstBank, "EUR", "0")
	waiting := func(request *models.TransactionRequest) (messages string) {
		t.Helper()
		if err := h.store.Pool().QueryRow(t.Context(), `SELECT coalesce(string_agg(m.kind || ' ' || m.recipient || ' ' || m.state || ' ' || (m.sealed IS NOT NULL), '; ' ORDER BY m.recipient, m.state), '')
			FROM outbox_message AS m JOIN challenge AS c ON c.challenge_id = m.about_id WHERE c.transaction_request_id = $1`, request.TransactionRequestID).Scan(&messages); err != nil {
			t.Fatal(err)
		}
		return messages
	}
	want := func(request *models.TransactionRequest, messages string) {
		t.Helper()
		if got := waiting(request); got != messages {
			t.Errorf("%s, and not %s", got, messages)
		}
	}
	request := h.must(pay(anna, ben, "1000"))
	want(request, "CHALLENGE_CODE_EMAIL demo-owner@example.com WAITING true")
	h.sql("UPDATE challenge SET sent_at = sent_at - interval '1 minute'")
	if _, err := h.ResendChallenge(h.as(t, "demo-owner"), models.ResendChallengeInput{BankID: firstBank, ChallengeID: h.challengeOf(request, "demo-owner")}); err != nil {
		t.Error(err)
	}
	want(request, "CHALLENGE_CODE_EMAIL demo-owner@example.com VOID false; CHALLENGE_CODE_EMAIL demo-owner@example.com WAITING true")
	if _, err := h.CancelTransactionRequest(h.as(t, "demo-owner"), models.CancelTransactionRequestInput{BankID: firstBank, AccountID: anna.ID(), TransactionRequestID: request.ID()}); err != nil {
		t.Error(err)
	}
	want(request, "CHALLENGE_CODE_EMAIL demo-owner@example.com VOID false; CHALLENGE_CODE_EMAIL demo-owner@example.com VOID false")

	// By text message, which the bank chooses; only who has a number is asked.
	h.sql("UPDATE transaction_request_type SET challenge_method = 'SMS'")
	h.refused(pay(anna, ben, "1000"), models.Policy, "")
	for user, number := range map[string]string{"demo-owner": "+447700900123", "demo-approver": "+447700900124"} {
		if err := h.NotePhone(t.Context(), h.id(t, user).UUID, number); err != nil {
			t.Error(err)
		}
	}
	wantRefusal(t, h.NotePhone(t.Context(), h.id(t, "demo-owner").UUID, "0049"), models.BadInput, "OBP-10001", "input", "phoneNumber")
	want(h.must(pay(anna, ben, "1000")), "CHALLENGE_CODE_SMS +447700900123 WAITING true")
	h.takes(anna, "2")
	h.give("demo-approver", anna, "standard")
	h.give("demo-stranger", anna, "standard")
	want(h.must(pay(anna, ben, "1000")), "CHALLENGE_CODE_SMS +447700900123 WAITING true; CHALLENGE_CODE_SMS +447700900124 WAITING true")
	h.sql("UPDATE account_attribute SET value = '3' WHERE name = 'REQUIRED_CHALLENGE_ANSWERS'")
	h.refused(pay(anna, ben, "1000"), models.Policy, "")

	// Who is blocked is told so.
	for range 5 {
		_, err := h.AnswerChallenge(h.as(t, "demo-owner"), answerOf(request, models.ID{Kind: models.KindChallenge, UUID: uuid.New()}, "000000"))
		wantRefusal(t, err, models.ChallengeFailed, "OBP-40016")
	}
	if n := h.count("SELECT count(*) FROM outbox_message WHERE kind = 'CHALLENGE_ALERT_EMAIL' AND recipient = 'demo-owner@example.com' AND payload->>'blockedUntil' > '2'"); n != 1 {
		t.Errorf("%d alerts", n)
	}
}
