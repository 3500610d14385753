package bank_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bankgraph/bank"
	"bankgraph/db/dbtest"
	"bankgraph/mail"
	"bankgraph/models"
	"bankgraph/outbox"
)

// superuser does what the server's own role may not.
func (h till) superuser(statement string, arguments ...any) {
	h.t.Helper()
	superuser, err := pgx.Connect(h.t.Context(), dbtest.Superuser(h.store.Pool().Config().ConnString()))
	if err != nil {
		h.t.Fatal(err)
	}
	defer superuser.Close(context.WithoutCancel(h.t.Context()))
	if _, err := superuser.Exec(h.t.Context(), statement, arguments...); err != nil {
		h.t.Fatal(err)
	}
}

// sending is the bank when it sends codes by mail, so many to one user and because of one.
func (h till) sending(to, by int) *bank.Bank {
	h.t.Helper()
	box, err := outbox.New(h.store, outbox.Options{Keys: dummies.Keys, Mail: mail.OpenOutbox(h.t.TempDir())})
	if err != nil {
		h.t.Fatal(err)
	}
	ways := dummies
	ways.Method, ways.CodesTo, ways.CodesBy = models.ChallengeMethodEmail, to, by
	return h.WithOutbox(box).WithChallenges(ways)
}

// TestAUserIsSentSoManyCodesInAnHour: whatever becomes of the requests, and by whom they are made.
func TestAUserIsSentSoManyCodesInAnHour(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "500000"), h.open(firstBank, "EUR", "0")
	h.must(pay(anna, ben, "1000")) // 123 is not sent
	h.Bank = h.sending(4, 0)
	owner := h.as(t, "demo-owner")
	first := h.must(pay(anna, ben, "1000"))
	h.sql("UPDATE challenge SET sent_at = sent_at - interval '31 seconds' WHERE transaction_request_id = $1", first.TransactionRequestID)
	again := models.ResendChallengeInput{BankID: firstBank, ChallengeID: h.challengeOf(first, "demo-owner")}
	if _, err := h.ResendChallenge(owner, again); err != nil {
		t.Error(err)
	}
	if _, err := h.CancelTransactionRequest(owner, models.CancelTransactionRequestInput{BankID: firstBank, AccountID: anna.ID(), TransactionRequestID: first.ID()}); err != nil {
		t.Error(err)
	}
	counts := dbtest.Codes(dbtest.Together(12, func(int) error {
		_, err := h.CreateTransactionRequest(owner, pay(anna, ben, "1000"))
		return err
	}))
	if counts[dbtest.Done] != 2 || counts[models.LimitExceeded] != 10 {
		t.Errorf("%v", counts)
	}
	refusal := h.refused(pay(anna, ben, "1000"), models.LimitExceeded, "")
	if left := time.Until(*refusal.ResetsAt); refusal.Window != "an hour" || left < 50*time.Minute || left > time.Hour {
		t.Errorf("%+v", refusal)
	}
	h.must(pay(anna, ben, "10")) // nobody is asked
	last := h.count("SELECT count(*) FROM outbox_message")
	h.sql("UPDATE challenge SET sent_at = sent_at - interval '31 seconds'")
	again.ChallengeID.UUID = h.lastChallenge()
	_, err := h.ResendChallenge(owner, again)
	wantRefusal(t, err, models.LimitExceeded, "")
	if n := h.count("SELECT count(*) FROM outbox_message"); n != 4 || n != last {
		t.Errorf("%d codes", n)
	}
	// A co-owner has as many sent at this account, and no more.
	h.give("demo-approver", anna, models.OwnerView)
	h.takes(anna, "2")
	approver := h.as(t, "demo-approver")
	counts = dbtest.Codes(dbtest.Together(6, func(int) error {
		_, err := h.CreateTransactionRequest(approver, pay(anna, ben, "1000"))
		return err
	}))
	if counts[dbtest.Done] != 4 || counts[models.LimitExceeded] != 2 {
		t.Errorf("%v", counts)
	}
	h.superuser("UPDATE challenge_event SET occurred_at = occurred_at - interval '61 minutes'")
	h.superuser("UPDATE event SET occurred_at = occurred_at - interval '61 minutes' WHERE kind LIKE 'CHALLENGE%'") // so are the news of them
	h.must(pay(anna, ben, "1000"))
}

// lastChallenge is the newest open challenge.
func (h till) lastChallenge() (id [16]byte) {
	h.t.Helper()
	if err := h.store.Pool().QueryRow(h.t.Context(), "SELECT challenge_id FROM challenge WHERE status = 'OPEN' ORDER BY made_at DESC, challenge_id DESC LIMIT 1").Scan(&id); err != nil {
		h.t.Fatal(err)
	}
	return id
}

// TestWhoAsksHasSoManyCodesSentInAnHour: each who must approve counts at an account of the call; others who are asked for a refund count as one, since who they are is not told.
func TestWhoAsksHasSoManyCodesSentInAnHour(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "50000"), h.open(firstBank, "EUR", "0")
	h.sql("INSERT INTO account_view (view_id, description, permissions) VALUES ('_sees', 'Sees requests.', '{can_see_transaction_requests}')")
	shop := h.open(firstBank, "EUR", "5000", "_sees")
	h.give("demo-approver", shop, models.OwnerView)
	h.give("demo-stranger", shop, models.OwnerView)
	back := &models.PayeeRefundToInput{Account: payeeAt(shop)}
	var originals []*models.TransactionRequest
	for range 4 {
		originals = append(originals, h.must(pay(anna, shop, "60")))
	}
	h.Bank = h.sending(0, 5)
	for _, original := range originals[:3] {
		h.must(pay(anna, nil, "40", refund(original, nil, back)))
	}
	h.takes(anna, "2")
	h.give("demo-approver", anna, models.OwnerView)
	h.must(pay(anna, ben, "1000"))
	if n := h.count("SELECT count(*) FROM outbox_message"); n != 8 {
		t.Errorf("%d codes", n)
	}
	for _, in := range []models.CreateTransactionRequestInput{pay(anna, ben, "1000"), pay(anna, nil, "40", refund(originals[3], nil, back))} {
		if refusal := h.refused(in, models.LimitExceeded, ""); refusal.ResetsAt == nil {
			t.Errorf("%+v", refusal)
		}
	}
	if _, err := h.CreateTransactionRequest(h.as(t, "demo-approver"), pay(anna, ben, "1000")); err != nil {
		t.Error(err) // it is not their limit
	}
	// What others were sent already is not told to who asks them.
	h.Bank = h.sending(1, 0)
	h.refused(pay(anna, nil, "40", refund(originals[3], nil, back)), models.Policy, "OBP-30068")
}

// TestOthersAreAskedForOneRefundOfATransactionAtATime: otherwise a cent each of one payment is as many messages to them.
func TestOthersAreAskedForOneRefundOfATransactionAtATime(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, shop := h.open(firstBank, "EUR", "100"), h.open(firstBank, "EUR", "0")
	original, another := h.must(pay(anna, shop, "40")), h.must(pay(anna, shop, "40"))
	ask := func(of *models.TransactionRequest) models.CreateTransactionRequestInput {
		return pay(anna, nil, "0.01", refund(of, nil, &models.PayeeRefundToInput{Account: payeeAt(shop)}))
	}
	owner := h.as(t, "demo-owner")
	counts := dbtest.Codes(dbtest.Together(12, func(int) error {
		_, err := h.CreateTransactionRequest(owner, ask(original))
		return err
	}))
	if counts[dbtest.Done] != 1 || counts[models.Policy] != 11 {
		t.Errorf("%v", counts)
	}
	h.must(ask(another))
	h.sql("UPDATE challenge SET expires_at = now() - interval '1 second' WHERE account_id = $1", anna.AccountID)
	if err := h.SweepChallenges(t.Context()); err != nil {
		t.Error(err)
	}
	h.refused(ask(original), models.Policy, "") // also when nothing came of it
	h.hourLater()
	h.must(ask(original))
	h.refused(ask(original), models.Policy, "")
}

// hourLater is an hour after whatever was asked for.
func (h till) hourLater() {
	h.t.Helper()
	h.sql("UPDATE transaction_request SET started_at = started_at - interval '61 minutes'")
}

// TestWhatOthersHaveSentDoesNotStopWhatSomebodyPaysThemselves: neither refunds that are asked of them and taken back again and again, nor what a co-owner of one account asks for.
func TestWhatOthersHaveSentDoesNotStopWhatSomebodyPaysThemselves(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	his, hers, ben := h.open(firstBank, "EUR", "500", "auditor"), h.open(firstBank, "EUR", "50000"), h.open(firstBank, "EUR", "0")
	joint, another := h.open(firstBank, "EUR", "50000"), h.open(firstBank, "EUR", "50000")
	h.give("demo-approver", his, models.OwnerView)
	attacker, victim := h.as(t, "demo-approver"), h.as(t, "demo-owner")
	var originals []*models.TransactionRequest
	for range 5 {
		original, err := h.CreateTransactionRequest(attacker, pay(his, hers, "1"))
		if err != nil {
			t.Fatal(err)
		}
		originals = append(originals, original)
	}
	h.Bank = h.sending(3, 0)
	for i, original := range originals {
		in := pay(his, nil, "0.01", refund(original, nil, &models.PayeeRefundToInput{Account: payeeAt(hers)}))
		request, err := h.CreateTransactionRequest(attacker, in)
		if i >= 1 {
			wantRefusal(t, err, models.Policy, "OBP-30068") // a third of what they may be asked for by anybody
			continue
		}
		if err == nil {
			_, err = h.CancelTransactionRequest(attacker, models.CancelTransactionRequestInput{BankID: firstBank, AccountID: his.ID(), TransactionRequestID: request.ID()})
		}
		if err != nil {
			t.Fatal(err)
		}
		in.IdempotencyKey += "again"
		_, err = h.CreateTransactionRequest(attacker, in)
		wantRefusal(t, err, models.Policy, "")
	}
	// At an account of both, and still not at another one.
	for _, account := range []*models.Account{joint, another} {
		h.give("demo-approver", account, models.OwnerView)
		h.give("demo-stranger", account, models.OwnerView)
		h.takes(account, "2")
	}
	attacker, third := h.as(t, "demo-approver"), h.as(t, "demo-stranger")
	for range 3 {
		if _, err := h.CreateTransactionRequest(attacker, pay(joint, ben, "1000")); err != nil {
			t.Error(err)
		}
	}
	_, err := h.CreateTransactionRequest(third, pay(joint, ben, "1000"))
	if refusal := wantRefusal(t, err, models.LimitExceeded, ""); refusal.ResetsAt != nil { // it is not told when others will be sent codes again
		t.Errorf("%+v", refusal)
	}
	if _, err := h.CreateTransactionRequest(third, pay(another, ben, "1000")); err != nil {
		t.Error(err)
	}
	first, err := h.CreateTransactionRequest(victim, pay(hers, ben, "1000"))
	if err != nil {
		t.Fatal(err)
	}
	h.sql("UPDATE challenge SET sent_at = sent_at - interval '31 seconds'")
	if _, err := h.ResendChallenge(victim, models.ResendChallengeInput{BankID: firstBank, ChallengeID: h.challengeOf(first, "demo-owner")}); err != nil {
		t.Error(err)
	}
	h.must(pay(hers, ben, "1000"))
	refusal := h.refused(pay(hers, ben, "1000"), models.LimitExceeded, "") // their own three
	if refusal.ResetsAt == nil {
		t.Errorf("%+v", refusal)
	}
}

// TestWhoAsksForManyRefundsLeavesRoomForOthers: a third of what the people of a shop may be asked for in an hour is for each who asks, and all together have no more than that.
func TestWhoAsksForManyRefundsLeavesRoomForOthers(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	shop := h.open(firstBank, "EUR", "500")
	customers := []string{"demo-approver", "demo-stranger", "demo-officer"}
	refunds := map[string][]models.CreateTransactionRequestInput{}
	for _, user := range customers {
		account := h.open(firstBank, "EUR", "500", "auditor")
		h.give(user, account, models.OwnerView)
		for range 4 {
			original, err := h.CreateTransactionRequest(h.as(t, user), pay(account, shop, "1"))
			if err != nil {
				t.Fatal(err)
			}
			refunds[user] = append(refunds[user], pay(account, nil, "0.01", refund(original, nil, &models.PayeeRefundToInput{Account: payeeAt(shop)})))
		}
	}
	ask := func(user string) map[models.Code]int { // all at once
		asker := h.as(t, user)
		return dbtest.Codes(dbtest.Together(4, func(i int) error {
			_, err := h.CreateTransactionRequest(asker, refunds[user][i])
			return err
		}))
	}
	for _, step := range []struct {
		user string
		most int // of all
		done int
	}{
		{"demo-approver", 6, 2},
		{"demo-approver", 6, 0},
		{"demo-stranger", 6, 2},
		{"demo-officer", 4, 0}, // all that there may be
		{"demo-officer", 6, 2},
	} {
		h.Bank = h.sending(step.most, 0)
		if counts := ask(step.user); counts[dbtest.Done] != step.done || counts[models.Policy] != 4-step.done {
			t.Errorf("%s, of %d: %v", step.user, step.most, counts)
		}
		for i := range refunds[step.user] { // what is asked again is no repetition
			refunds[step.user][i].IdempotencyKey += "again"
		}
	}
	if n := h.count("SELECT count(*) FROM outbox_message"); n != 6 {
		t.Errorf("%d codes", n)
	}
}
