package bank_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"bankgraph/bank"
	"bankgraph/db/dbtest"
	"bankgraph/mail"
	"bankgraph/models"
	"bankgraph/outbox"
)

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
		dbtest.Codes(dbtest.Together(4, func(i int) error { return []till{h, other}[i%2].SweepChallenges(t.Context()) }))
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

func TestARequestIsRejectedOrTakenBackOnce(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben, request := h.waitsForTwo()
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
	h.refused(pay(anna, nil, "40", refund(original, nil, from)), models.Policy, "OBP-30068") // nobody there could approve it, which is theirs to know
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
	h.hourLater()
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

// TestAReasonThatTakesThePlaceOfAnAttributeIsInTheAuditTrail: the bank's staff may have written one of that name, which must not be gone without a trace.
func TestAReasonThatTakesThePlaceOfAnAttributeIsInTheAuditTrail(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "5000"), h.open(firstBank, "EUR", "0")
	request := h.must(pay(anna, ben, "1000"))
	if _, err := h.CreateTransactionRequestAttribute(h.as(t, "demo-admin"), models.CreateTransactionRequestAttributeInput{
		BankID: firstBank, AccountID: anna.ID(), TransactionRequestID: request.ID(), Name: "reject_reason_code", Type: models.AttributeTypeString, Value: "Ask me first",
	}); err != nil {
		t.Fatal(err)
	}
	in := models.RejectTransactionRequestInput{BankID: firstBank, AccountID: anna.ID(), TransactionRequestID: request.ID(), ReasonCode: to("FRAUD"), AdditionalInformation: to("No.")}
	if _, err := h.RejectTransactionRequest(h.as(t, "demo-owner"), in); err != nil {
		t.Fatal(err)
	}
	if n := h.count(`SELECT count(*) FROM audit_entry AS e JOIN transaction_request_attribute AS a ON a.value = e.new_values->>'value'
		WHERE e.action = 'rejectTransactionRequest' AND e.username = 'demo-owner' AND (e.new_values->>'value', e.old_values->>'value') IN (('FRAUD', 'Ask me first'))`); n != 1 {
		t.Errorf("%d entries have what was replaced", n)
	}
	if n := h.count("SELECT count(*) FROM audit_entry WHERE action = 'rejectTransactionRequest' AND new_values->>'value' = 'No.' AND old_values = '{}'"); n != 1 {
		t.Errorf("%d entries have what is new", n)
	}
}

// TestWhoLostTheViewRejectsNothing: it is asked again, as for an answer, though their challenge is open.
func TestWhoLostTheViewRejectsNothing(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, _, request := h.waitsForTwo()
	h.sql("DELETE FROM account_access WHERE account_id = $1 AND view_id = 'standard'", anna.AccountID)
	in := models.RejectTransactionRequestInput{BankID: firstBank, AccountID: anna.ID(), TransactionRequestID: request.ID()}
	_, err := h.RejectTransactionRequest(h.as(t, "demo-approver"), in)
	wantRefusal(t, err, models.Forbidden, "OBP-20006")
	h.wants(request, "1 INITIATED", "demo-approver OPEN 0 1OPEN; demo-owner OPEN 0 1OPEN")
	h.give("demo-approver", anna, "standard")
	if _, err := h.RejectTransactionRequest(h.as(t, "demo-approver"), in); err != nil {
		t.Error(err)
	}
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

// byMail is the same with codes that go by mail, or by text message where a bank says so. Nothing leaves: the outbox is not started.
func (h till) byMail() till {
	h.t.Helper()
	gateway, err := outbox.OpenGateway(outbox.GatewayOptions{URL: "https://sms.example.com/send", Secret: []byte("a secret of a test, of 32 bytes.")})
	if err != nil {
		h.t.Fatal(err)
	}
	box, err := outbox.New(h.store, outbox.Options{Keys: dummies.Keys, Mail: mail.OpenOutbox(h.t.TempDir()), SMS: gateway})
	if err != nil {
		h.t.Fatal(err)
	}
	ways := dummies
	ways.Method, ways.AllowDummy = models.ChallengeMethodEmail, false
	h.Bank = h.WithOutbox(box).WithChallenges(ways)
	return h
}

// TestCodesGoWhereTheUserIsReached: by mail to the address of the login, by text message to the number that an operator noted, and nobody is asked who has neither.
func TestCodesGoWhereTheUserIsReached(t *testing.T) {
	t.Parallel()
	h := newTill(t).byMail()
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
