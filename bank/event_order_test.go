package bank_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"bankgraph/bank"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// statements are those that went to the database.
type statements struct {
	mu  sync.Mutex
	all []string
}

func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, strings.ToLower(strings.TrimSpace(data.SQL)))
	return ctx
}
func (*statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// behindNews are the statements behind the one that writes news, and forget what came until then.
func (s *statements) behindNews() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var behind []string
	isBehind := false
	for _, statement := range s.all {
		if isBehind {
			behind = append(behind, strings.Fields(statement)[0])
		}
		isBehind = isBehind || strings.Contains(statement, "insert into event_stream")
		if isBehind && statement == "commit" {
			break
		}
	}
	s.all = nil
	return strings.Join(behind, " ")
}

// TestNewsAreWrittenLast: their counters are locked until the commit, and payments wait for them.
func TestNewsAreWrittenLast(t *testing.T) {
	t.Parallel()
	var told statements
	store := dbtest.Seeded(t, &told)
	books := dbtest.Ledger(t, store)
	h := till{house{bank.New(store).WithLedger(books).WithChallenges(dummies), store}, t, books}
	anna, ben := h.open(firstBank, "EUR", "5000"), h.open(firstBank, "EUR", "0")
	h.Bank = h.sending(0, 0)
	request, admin := h.must(pay(anna, ben, "1000")), h.as(t, "demo-admin")
	h.sql("UPDATE challenge SET sent_at = sent_at - interval '31 seconds'")
	for name, do := range map[string]func() error{
		"another code": func() error {
			_, err := h.ResendChallenge(h.as(t, "demo-owner"), models.ResendChallengeInput{BankID: firstBank, ChallengeID: h.challengeOf(request, "demo-owner")})
			return err
		},
		"a decision": func() error {
			_, err := h.AddKycStatus(admin, h.decide(h.customer(t, "5987953"), true))
			return err
		},
	} {
		told.behindNews()
		if err := do(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if behind := told.behindNews(); behind != "commit" {
			t.Errorf("%s: behind the news come %q", name, behind)
		}
	}
}
