package bank_test

import (
	"testing"

	"github.com/google/uuid"

	"bankgraph/models"
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

// waitsForTwo is a payment of 1000 from one account, which has 5000, to another one, that waits for the answers of two users.
func (h till) waitsForTwo() (payer, payee *models.Account, request *models.TransactionRequest) {
	h.t.Helper()
	payer, payee = h.open(firstBank, "EUR", "5000"), h.open(firstBank, "EUR", "0")
	h.takes(payer, "2")
	h.give("demo-approver", payer, "standard")
	return payer, payee, h.must(pay(payer, payee, "1000"))
}

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
	anna, _, request := h.waitsForTwo()
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
	h.sql("UPDATE daily_total SET total = 1000 WHERE account_id = $1", anna.AccountID) // it took from the day what the tables said
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
