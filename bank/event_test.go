package bank_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"bankgraph/bank"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// follower reads the news of all streams on, as those do who follow them.
type follower struct {
	till

	at    map[models.Stream]int
	names map[models.Stream]string
}

func (h till) follow() *follower {
	f := &follower{till: h, at: map[models.Stream]int{}, names: map[models.Stream]string{models.KycStream(firstBank): "kyc"}}
	for _, user := range []string{"owner", "approver", "stranger"} {
		f.names[models.ChallengeStream(h.id(h.t, "demo-"+user).UUID)] = user
	}
	return f
}

func (f *follower) account(name string, account *models.Account) *models.Account {
	f.names[models.RequestStream(models.AccountRef{BankID: account.BankID, Account: account.AccountID})] = name
	return account
}

// news is what is new since the last time, by the names of the streams and in the order of the numbers; of any other stream it is the stream itself.
func (f *follower) news() string {
	f.t.Helper()
	rows, err := f.store.Pool().Query(f.t.Context(), "SELECT stream FROM event_stream ORDER BY stream")
	if err != nil {
		f.t.Fatal(err)
	}
	var after []models.StreamPosition
	for rows.Next() {
		var stream models.Stream
		if err := rows.Scan((*string)(&stream)); err != nil {
			f.t.Fatal(err)
		}
		after = append(after, models.StreamPosition{Stream: stream, Number: f.at[stream]})
	}
	events, err := f.store.EventsAfter(f.t.Context(), after, 1000)
	if err != nil {
		f.t.Fatal(err)
	}
	told := map[string]string{}
	for _, event := range events {
		f.at[event.Stream] = event.Number
		name := f.names[event.Stream]
		if name == "" {
			name = string(event.Stream)
		}
		told[name] += " " + strings.TrimPrefix(strings.TrimPrefix(string(event.Kind), "REQUEST_"), "CHALLENGE_")
	}
	var lines []string
	for _, name := range []string{"anna", "shop", "owner", "approver", "stranger", "kyc"} {
		if told[name] != "" {
			lines = append(lines, name+told[name])
		}
		delete(told, name)
	}
	for name, kinds := range told {
		lines = append(lines, name+kinds)
	}
	return strings.Join(lines, "; ")
}

// TestEachVerbTellsItsNewsAndNoOthers: who follows an account is told of its requests, who is asked of their challenges, and nobody of what was refused. That each is about the right object, and was
// told in the order in which it happened, is looked at with the books when the test ends.
func TestEachVerbTellsItsNewsAndNoOthers(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	f := h.follow()
	var owner context.Context // with the views on the accounts
	var anna, shop *models.Account
	ask := func(changes ...func(*models.CreateTransactionRequestInput)) *models.TransactionRequest {
		return h.must(pay(anna, shop, "1000", changes...))
	}
	var failed error
	did := func(_ any, err error) {
		if err != nil && failed == nil {
			failed = err
		}
	}
	of := func(r *models.TransactionRequest) (string, models.ID, models.ID) {
		return r.BankID, r.AccountID(), r.ID()
	}
	askAll := func() *models.TransactionRequest {
		h.takes(anna, "2")
		h.give("demo-approver", anna, "standard")
		h.give("demo-stranger", anna, "standard")
		return ask()
	}
	asked := func() *models.TransactionRequest { // to pay back, of the shop's people
		original := h.must(pay(anna, shop, "60"))
		h.give("demo-approver", shop, "standard")
		return h.must(pay(anna, nil, "40", refund(original, nil, &models.PayeeRefundToInput{Account: payeeAt(shop)})))
	}
	age := func() {
		h.sql("UPDATE challenge SET made_at = made_at - interval '600 seconds', expires_at = expires_at - interval '600 seconds' WHERE status = 'OPEN'")
	}
	for _, test := range []struct {
		name string
		do   func()
		want string
	}{
		{"a payment", func() { h.must(pay(anna, shop, "1")) }, "anna COMPLETED"},
		{"the same key again", func() {
			in := pay(anna, shop, "1")
			h.must(in)
			h.must(in)
		}, "anna COMPLETED"},
		{"more than there is", func() { h.refused(pay(anna, shop, "6000"), models.InsufficientFunds, "") }, ""},
		{"one for later", func() { h.must(pay(anna, shop, "1", inDays(2))) }, "anna PENDING"},
		{"one whose day has come", func() {
			h.later(h.must(pay(anna, shop, "1", inDays(2))), 2)
			did(h.PayDue(t.Context()))
		}, "anna PENDING COMPLETED"},
		{"one for later without the money", func() {
			request := h.must(pay(anna, shop, "900", inDays(2)))
			h.sql("UPDATE account SET floor = balance WHERE account_id = $1", anna.AccountID)
			h.later(request, 2)
			did(h.PayDue(t.Context()))
		}, "anna PENDING FAILED"},
		{"one to approve", func() { ask() }, "anna INITIATED; owner CREATED"},
		{"a right answer", func() { did(h.answer("demo-owner", ask(), right)) }, "anna INITIATED COMPLETED; owner CREATED ANSWERED"},
		{"a right answer twice", func() {
			request := ask()
			in := answerOf(request, h.challengeOf(request, "demo-owner"), right)
			did(h.AnswerChallenge(owner, in))
			did(h.AnswerChallenge(owner, in))
		}, "anna INITIATED COMPLETED; owner CREATED ANSWERED"},
		{"a right answer before the day", func() { did(h.answer("demo-owner", ask(inDays(2)), right)) }, "anna INITIATED PENDING; owner CREATED ANSWERED"},
		{"a wrong answer", func() {
			_, err := h.answer("demo-owner", ask(), wrong)
			wantRefusal(t, err, models.ChallengeFailed, "OBP-40016")
		}, "anna INITIATED; owner CREATED"},
		{"no answer left", func() {
			h.sql("DELETE FROM user_authentication")
			request := ask()
			h.sql("UPDATE challenge SET attempts = max_attempts - 1 WHERE transaction_request_id = $1", request.TransactionRequestID)
			_, err := h.answer("demo-owner", request, wrong)
			wantRefusal(t, err, models.ChallengeFailed, "OBP-40016")
		}, "anna INITIATED FAILED; owner CREATED FAILED"},
		{"no answer in time", func() {
			ask()
			age()
			did(nil, h.SweepChallenges(t.Context()))
			did(nil, h.SweepChallenges(t.Context()))
		}, "anna INITIATED FAILED; owner CREATED EXPIRED"},
		{"another code", func() {
			request := ask()
			h.sql("UPDATE challenge SET sent_at = sent_at - interval '31 seconds'")
			in := models.ResendChallengeInput{BankID: firstBank, ChallengeID: h.challengeOf(request, "demo-owner")}
			did(h.ResendChallenge(owner, in))
			_, err := h.ResendChallenge(owner, in)
			wantRefusal(t, err, models.LimitExceeded, "")
		}, "anna INITIATED; owner CREATED RESENT"},
		{"a no", func() {
			in := models.RejectTransactionRequestInput{}
			in.BankID, in.AccountID, in.TransactionRequestID = of(ask())
			did(h.RejectTransactionRequest(owner, in))
			if _, err := h.RejectTransactionRequest(owner, in); err == nil {
				t.Error("no is said twice")
			}
		}, "anna INITIATED REJECTED; owner CREATED CANCELLED"},
		{"one that is taken back", func() {
			in := models.CancelTransactionRequestInput{}
			in.BankID, in.AccountID, in.TransactionRequestID = of(ask())
			did(h.CancelTransactionRequest(owner, in))
		}, "anna INITIATED CANCELLED; owner CREATED CANCELLED"},
		{"two of three answers", func() {
			request := askAll()
			did(h.answer("demo-approver", request, right))
			did(h.answer("demo-owner", request, right))
		}, "anna INITIATED NEXT_CHALLENGE_PENDING COMPLETED; owner CREATED ANSWERED; approver CREATED ANSWERED; stranger CREATED CANCELLED"},
		{"one of three too late", func() {
			request := askAll()
			h.sql("UPDATE challenge SET expires_at = now() - interval '1 second' WHERE transaction_request_id = $1 AND user_id = $2", request.TransactionRequestID, h.id(t, "demo-approver").UUID)
			did(nil, h.SweepChallenges(t.Context()))
		}, "anna INITIATED; owner CREATED; approver CREATED EXPIRED; stranger CREATED"},
		{
			"a refund that is asked for", func() { did(h.answer("demo-approver", asked(), right)) },
			"anna COMPLETED INITIATED COMPLETED; shop INITIATED COMPLETED; owner CREATED CANCELLED; approver CREATED ANSWERED",
		},
		{"a decision on a customer", func() {
			in := h.decide(h.customer(t, "5987953"), true)
			did(h.AddKycStatus(h.as(t, "demo-admin"), in))
			in.DecidedAt = to(time.Now().Add(time.Hour))
			_, err := h.AddKycStatus(h.as(t, "demo-admin"), in)
			if models.CodeOf(err) != models.BadInput {
				t.Error(err)
			}
		}, "kyc KYC_STATUS_ADDED"},
		{"a payment of the past", func() {
			did(h.CreateHistoricalTransactionAtBank(h.as(t, "demo-admin"), models.CreateHistoricalTransactionAtBankInput{
				BankID: firstBank, FromAccountID: anna.ID(), ToAccountID: shop.ID(), IdempotencyKey: "a", Value: money("10", "EUR"), PostedAt: ago(9), CompletedAt: ago(8), Type: "SEPA",
			}))
		}, ""},
	} {
		anna, shop = f.account("anna", h.open(firstBank, "EUR", "5000")), f.account("shop", h.open(firstBank, "EUR", "5000"))
		owner, failed = h.as(t, "demo-owner"), nil
		test.do()
		if failed != nil {
			t.Errorf("%s: %v", test.name, failed)
		}
		if got := f.news(); got != test.want {
			t.Errorf("%s tells %q, want %q", test.name, got, test.want)
		}
		// What is left open is not swept by the others.
		h.sql("UPDATE challenge SET expires_at = expires_at + interval '1 day' WHERE status = 'OPEN'")
	}
}

// TestNewsOfABatchAreWrittenTogether and still each in its place.
func TestNewsOfABatchAreWrittenTogether(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	f := h.follow()
	anna, shop := f.account("anna", h.open(firstBank, "EUR", "5000")), h.open(firstBank, "EUR", "0")
	if counts := h.inOneBatch(anna, 12, func() error {
		_, err := h.CreateTransactionRequest(h.as(t, "demo-owner"), pay(anna, shop, "1"))
		return err
	}); counts[dbtest.Done] != 12 {
		t.Errorf("got %v", counts)
	}
	if got, want := f.news(), "anna"+strings.Repeat(" COMPLETED", 12); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if n := h.count("SELECT count(DISTINCT xmin::text) FROM event"); n > 3 {
		t.Errorf("12 news are from %d transactions", n)
	}
}

// TestW05ManyWritersAtOnceTellAllNewsInOrder: two servers, accounts that share those who approve, and all that can happen to their requests at once. Nobody waits for another in a circle.
func TestW05ManyWritersAtOnceTellAllNewsInOrder(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	servers := []till{h, h.beside()}
	accounts := make([]*models.Account, 5)
	for i := range accounts {
		accounts[i] = h.open(firstBank, "EUR", "1000000")
		h.takes(accounts[i], fmt.Sprint(1+i%2))
		h.give("demo-approver", accounts[i], "standard")
		h.give("demo-stranger", accounts[i], "standard")
	}
	users := []string{"demo-owner", "demo-approver", "demo-stranger"}
	callers := map[string]context.Context{}
	for _, user := range users {
		callers[user] = h.as(t, user)
	}
	admin, customer := h.as(t, "demo-admin"), h.customer(t, "5987953")
	deadlocks := h.count("SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()")
	for _, failures := range dbtest.Together(12, func(client int) (failures []error) {
		server := servers[client%2]
		for i := range 6 {
			from, to := accounts[(client+i)%5], accounts[(client+i+1+client%3)%5]
			amount := []string{"1", "1000"}[i%2]
			request, err := server.CreateTransactionRequest(callers["demo-owner"], pay(from, to, amount))
			if err != nil || amount == "1" {
				failures = append(failures, err)
				continue
			}
			switch client % 4 {
			case 0, 1:
				for n := range users {
					user := users[(client+n)%3]
					if _, err := server.AnswerChallenge(callers[user], answerOf(request, h.challengeAsked(request, user), right)); err != nil && models.CodeOf(err) != models.ChallengeFailed {
						failures = append(failures, err)
					}
				}
			case 2:
				_, err = server.CancelTransactionRequest(callers["demo-owner"], models.CancelTransactionRequestInput{
					BankID: request.BankID, AccountID: request.AccountID(), TransactionRequestID: request.ID(),
				})
				failures = append(failures, err)
			default:
				_, err = server.AddKycStatus(admin, h.decide(customer, i%2 == 0))
				failures = append(failures, err)
			}
		}
		return failures
	}) {
		for _, err := range failures {
			if err != nil {
				t.Error(err)
			}
		}
	}
	if now := h.count("SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()"); now != deadlocks {
		t.Errorf("%d deadlocks", now-deadlocks)
	}
}

// challengeAsked is challengeOf for those who may not be asked: then it is another's.
func (h till) challengeAsked(request *models.TransactionRequest, user string) (id models.ID) {
	id.Kind = models.KindChallenge
	rows, err := h.store.Pool().Query(h.t.Context(), "SELECT challenge_id FROM challenge WHERE transaction_request_id = $1 ORDER BY user_id = $2 DESC LIMIT 1",
		request.TransactionRequestID, h.id(h.t, user).UUID)
	if err != nil {
		h.t.Error(err)
		return id
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan((*[16]byte)(&id.UUID)); err != nil {
			h.t.Error(err)
		}
	}
	return id
}

// TestOldNewsAreSweptWhileRequestsGoOn: what is dropped is counted, what follows goes on from there.
func TestOldNewsAreSweptWhileRequestsGoOn(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	f := h.follow()
	anna, shop := f.account("anna", h.open(firstBank, "EUR", "5000")), h.open(firstBank, "EUR", "0")
	request := h.must(pay(anna, shop, "1000"))
	for _, age := range []time.Duration{time.Hour, 0} {
		if err := h.SweepNews(t.Context(), age); err != nil {
			t.Fatal(err)
		}
		if n := h.count("SELECT count(*) FROM event"); (n > 0) != (age > 0) {
			t.Errorf("%d news are younger than %v", n, age)
		}
	}
	if _, err := bank.CompleteRequest(t.Context(), h.Bank, request.BankID, request.TransactionRequestID); err != nil {
		t.Fatal(err)
	}
	if got := f.news(); got != "anna COMPLETED; owner CANCELLED" {
		t.Errorf("got %q", got)
	}
	heads, err := h.store.StreamHeads(t.Context(), []models.Stream{models.RequestStream(models.AccountRef{BankID: anna.BankID, Account: anna.AccountID})})
	if err != nil || heads[0].LastNumber != 2 || heads[0].DroppedTo != 1 {
		t.Errorf("%+v %v", heads, err)
	}
}
