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
	news, err := f.store.NewsAfter(f.t.Context(), after, nil, 1000)
	if err != nil {
		f.t.Fatal(err)
	}
	told := map[string]string{}
	for _, event := range news.Events {
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

// scene is somebody who does what there are verbs for, between two accounts, while others follow.
type scene struct {
	*follower

	owner      context.Context // with the views on the accounts
	anna, shop *models.Account
	failed     error
}

func (s *scene) did(_ any, err error) {
	if err != nil && s.failed == nil {
		s.failed = err
	}
}

func (s *scene) ask(changes ...func(*models.CreateTransactionRequestInput)) *models.TransactionRequest {
	return s.must(pay(s.anna, s.shop, "1000", changes...))
}

func (s *scene) askAll() *models.TransactionRequest {
	s.takes(s.anna, "2")
	s.give("demo-approver", s.anna, "standard")
	s.give("demo-stranger", s.anna, "standard")
	return s.ask()
}

// asked is a refund that the shop's people are asked for.
func (s *scene) asked() *models.TransactionRequest {
	original := s.must(pay(s.anna, s.shop, "60"))
	s.give("demo-approver", s.shop, "standard")
	return s.must(pay(s.anna, nil, "40", refund(original, nil, &models.PayeeRefundToInput{Account: payeeAt(s.shop)})))
}

func (s *scene) age() {
	s.sql("UPDATE challenge SET made_at = made_at - interval '600 seconds', expires_at = expires_at - interval '600 seconds' WHERE status = 'OPEN'")
}

func (*scene) of(r *models.TransactionRequest) (string, models.ID, models.ID) {
	return r.BankID, r.AccountID(), r.ID()
}

// deed is something that is done, and the news that it makes.
type deed struct {
	name string
	do   func(s *scene)
	want string
}

// tell does each of some deeds, each with accounts of its own. That each of the news is about the right object, and was told in the order in which it happened, is looked at with the books when the
// test ends.
func tell(t *testing.T, deeds []deed) {
	t.Helper()
	s := &scene{follower: newTill(t).follow()}
	for _, one := range deeds {
		s.anna, s.shop = s.account("anna", s.open(firstBank, "EUR", "5000")), s.account("shop", s.open(firstBank, "EUR", "5000"))
		s.owner, s.failed = s.as(t, "demo-owner"), nil
		one.do(s)
		if s.failed != nil {
			t.Errorf("%s: %v", one.name, s.failed)
		}
		if got := s.news(); got != one.want {
			t.Errorf("%s tells %q, want %q", one.name, got, one.want)
		}
		// What is left open is not swept by the others.
		s.sql("UPDATE challenge SET expires_at = expires_at + interval '1 day' WHERE status = 'OPEN'")
	}
}

// TestPaymentsTellTheirNewsAndNoOthers: who follows an account is told of its requests, and nobody of what was refused.
func TestPaymentsTellTheirNewsAndNoOthers(t *testing.T) {
	t.Parallel()
	tell(t, []deed{
		{"a payment", func(s *scene) { s.must(pay(s.anna, s.shop, "1")) }, "anna COMPLETED"},
		{"the same key again", func(s *scene) {
			in := pay(s.anna, s.shop, "1")
			s.must(in)
			s.must(in)
		}, "anna COMPLETED"},
		{"more than there is", func(s *scene) { s.refused(pay(s.anna, s.shop, "6000"), models.InsufficientFunds, "") }, ""},
		{"one for later", func(s *scene) { s.must(pay(s.anna, s.shop, "1", inDays(2))) }, "anna PENDING"},
		{"one whose day has come", func(s *scene) {
			s.later(s.must(pay(s.anna, s.shop, "1", inDays(2))), 2)
			s.did(s.PayDue(s.t.Context()))
		}, "anna PENDING COMPLETED"},
		{"one for later without the money", func(s *scene) {
			request := s.must(pay(s.anna, s.shop, "900", inDays(2)))
			s.sql("UPDATE account SET floor = balance WHERE account_id = $1", s.anna.AccountID)
			s.later(request, 2)
			s.did(s.PayDue(s.t.Context()))
		}, "anna PENDING FAILED"},
	})
}

// TestAnswersTellTheirNewsAndNoOthers: who is asked is told of their challenges.
func TestAnswersTellTheirNewsAndNoOthers(t *testing.T) {
	t.Parallel()
	tell(t, []deed{
		{"one to approve", func(s *scene) { s.ask() }, "anna INITIATED; owner CREATED"},
		{"a right answer", func(s *scene) { s.did(s.answer("demo-owner", s.ask(), right)) }, "anna INITIATED COMPLETED; owner CREATED ANSWERED"},
		{"a right answer twice", func(s *scene) {
			request := s.ask()
			in := answerOf(request, s.challengeOf(request, "demo-owner"), right)
			s.did(s.AnswerChallenge(s.owner, in))
			s.did(s.AnswerChallenge(s.owner, in))
		}, "anna INITIATED COMPLETED; owner CREATED ANSWERED"},
		{"a right answer before the day", func(s *scene) { s.did(s.answer("demo-owner", s.ask(inDays(2)), right)) }, "anna INITIATED PENDING; owner CREATED ANSWERED"},
		{"a wrong answer", func(s *scene) {
			_, err := s.answer("demo-owner", s.ask(), wrong)
			wantRefusal(s.t, err, models.ChallengeFailed, "OBP-40016")
		}, "anna INITIATED; owner CREATED"},
		{"no answer left", func(s *scene) {
			s.sql("DELETE FROM user_authentication")
			request := s.ask()
			s.sql("UPDATE challenge SET attempts = max_attempts - 1 WHERE transaction_request_id = $1", request.TransactionRequestID)
			_, err := s.answer("demo-owner", request, wrong)
			wantRefusal(s.t, err, models.ChallengeFailed, "OBP-40016")
		}, "anna INITIATED FAILED; owner CREATED FAILED"},
		{"no answer in time", func(s *scene) {
			s.ask()
			s.age()
			s.did(nil, s.SweepChallenges(s.t.Context()))
			s.did(nil, s.SweepChallenges(s.t.Context()))
		}, "anna INITIATED FAILED; owner CREATED EXPIRED"},
		{"another code", func(s *scene) {
			request := s.ask()
			s.sql("UPDATE challenge SET sent_at = sent_at - interval '31 seconds'")
			in := models.ResendChallengeInput{BankID: firstBank, ChallengeID: s.challengeOf(request, "demo-owner")}
			s.did(s.ResendChallenge(s.owner, in))
			_, err := s.ResendChallenge(s.owner, in)
			wantRefusal(s.t, err, models.LimitExceeded, "")
		}, "anna INITIATED; owner CREATED RESENT"},
	})
}

// TestEndsTellTheirNewsAndNoOthers, and all who were asked; so does what is decided on customers, and nothing of the past.
func TestEndsTellTheirNewsAndNoOthers(t *testing.T) {
	t.Parallel()
	tell(t, []deed{
		{"a no", func(s *scene) {
			in := models.RejectTransactionRequestInput{}
			in.BankID, in.AccountID, in.TransactionRequestID = s.of(s.ask())
			s.did(s.RejectTransactionRequest(s.owner, in))
			if _, err := s.RejectTransactionRequest(s.owner, in); err == nil {
				s.t.Error("no is said twice")
			}
		}, "anna INITIATED REJECTED; owner CREATED CANCELLED"},
		{"one that is taken back", func(s *scene) {
			in := models.CancelTransactionRequestInput{}
			in.BankID, in.AccountID, in.TransactionRequestID = s.of(s.ask())
			s.did(s.CancelTransactionRequest(s.owner, in))
		}, "anna INITIATED CANCELLED; owner CREATED CANCELLED"},
		{"two of three answers", func(s *scene) {
			request := s.askAll()
			s.did(s.answer("demo-approver", request, right))
			s.did(s.answer("demo-owner", request, right))
		}, "anna INITIATED NEXT_CHALLENGE_PENDING COMPLETED; owner CREATED ANSWERED; approver CREATED ANSWERED; stranger CREATED CANCELLED"},
		{"one of three too late", func(s *scene) {
			request := s.askAll()
			s.sql("UPDATE challenge SET expires_at = now() - interval '1 second' WHERE transaction_request_id = $1 AND user_id = $2", request.TransactionRequestID, s.id(s.t, "demo-approver").UUID)
			s.did(nil, s.SweepChallenges(s.t.Context()))
		}, "anna INITIATED; owner CREATED; approver CREATED EXPIRED; stranger CREATED"},
		{
			"a refund that is asked for", func(s *scene) { s.did(s.answer("demo-approver", s.asked(), right)) },
			"anna COMPLETED INITIATED COMPLETED; shop INITIATED COMPLETED; owner CREATED CANCELLED; approver CREATED ANSWERED",
		},
		{"a decision on a customer", func(s *scene) {
			in := s.decide(s.customer(s.t, "5987953"), true)
			s.did(s.AddKycStatus(s.as(s.t, "demo-admin"), in))
			in.DecidedAt = to(time.Now().Add(time.Hour))
			_, err := s.AddKycStatus(s.as(s.t, "demo-admin"), in)
			if models.CodeOf(err) != models.BadInput {
				s.t.Error(err)
			}
		}, "kyc KYC_STATUS_ADDED"},
		{"a payment of the past", func(s *scene) {
			s.did(s.CreateHistoricalTransactionAtBank(s.as(s.t, "demo-admin"), models.CreateHistoricalTransactionAtBankInput{
				BankID: firstBank, FromAccountID: s.anna.ID(), ToAccountID: s.shop.ID(), IdempotencyKey: "a", Value: money("10", "EUR"), PostedAt: ago(9), CompletedAt: ago(8), Type: "SEPA",
			}))
		}, ""},
	})
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
