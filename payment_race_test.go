package main

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// paymentsFor is how long the cases M10 and M11 pay; 60s is what they ask for.
var paymentsFor = flag.Duration("payments-for", 1500*time.Millisecond, "how long the load of the cases M10 and M11 lasts")

// TestPaymentsThroughTwoServers has the cases of the concurrency of payments, over two processes of the program on one database.
func TestPaymentsThroughTwoServers(t *testing.T) {
	t.Parallel()
	all := startTwoServers(t)
	for _, part := range []struct {
		name string
		run  func(s *twoServers)
	}{
		{"M01 the same payment fifty times at once is one payment", sameKeyAtOnce},
		{"M02 a key with another input is refused", sameKeyOtherInput},
		{"M04 a refusal does not use up the key", sameKeyAfterARefusal},
		{"M05 a payment that hangs is not made twice", sameKeyWhileItHangs},
		{"M08 many payments of the same money", manyOfTheSameMoney},
		{"M10 a ring of payments", aRing},
		{"M11 a hot account", aHotAccount},
		{"M13 reservations and a payment want the same last money", lastMoney},
	} {
		t.Run(part.name, func(t *testing.T) {
			s := all.in(t)
			part.run(s)
			s.wantBooks()
		})
	}
	if n := all.count("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"); n != 0 {
		t.Errorf("%d deadlocks", n)
	}
}

func sameKeyAtOnce(s *twoServers) {
	anna, ben := s.open("1000"), s.open("0")
	p := payFrom(anna, ben, "10")
	answers := dbtest.Together(50, func(i int) learned { return s.settle(i%2, "demo-owner", p) })
	if counts, ids := codes(answers), idsOf(answers); counts[done] != 50 || len(ids) != 1 {
		s.t.Errorf("%v of %d requests: %s", counts, len(ids), answers[0].raw)
	}
	s.has(anna, "990", "0")
	s.has(ben, "10", "0")
	if n := s.count("SELECT count(*) FROM posting WHERE account_id = $1", anna.AccountID); n != 1 {
		s.t.Errorf("%d postings", n)
	}
	// The key is the user's: another one pays with the same.
	if other := s.settle(0, "demo-approver", p); other.code != done || other.id == answers[0].id {
		s.t.Errorf("%+v", other)
	}
	s.has(anna, "980", "0")
}

func sameKeyOtherInput(s *twoServers) {
	anna, ben, carl := s.open("1000"), s.open("0"), s.open("0")
	p := payFrom(anna, ben, "10")
	if first := s.settle(0, "demo-owner", p); first.code != done {
		s.t.Fatalf("%+v", first)
	}
	for name, other := range map[string]payment{
		"amount":   p.with("value", map[string]any{"amount": "10.01", "currency": "EUR"}),
		"currency": p.with("value", map[string]any{"amount": "10", "currency": "USD"}),
		"payee":    p.with("payee", payFrom(anna, carl, "10")["payee"]),
		"type":     p.with("payee", map[string]any{"sandboxTan": p["payee"].(map[string]any)["account"]}),
		"text":     p.with("description", "rent"),
	} {
		for i := range s.server {
			if answer := s.settle(i, "demo-owner", other); answer.code != "IDEMPOTENCY_CONFLICT" {
				s.t.Errorf("another %s at server %d: %+v", name, i, answer)
			}
		}
	}
	// With both at once one is made, and the other learns of it.
	one := payFrom(anna, ben, "1")
	two := one.with("value", map[string]any{"amount": "2", "currency": "EUR"})
	answers := dbtest.Together(20, func(i int) learned { return s.settle(i%2, "demo-owner", []payment{one, two}[i/2%2]) })
	if counts := codes(answers); counts[done] != 10 || counts["IDEMPOTENCY_CONFLICT"] != 10 || len(idsOf(answers)) != 1 {
		s.t.Errorf("%v", counts)
	}
	if n := s.count("SELECT count(*) FROM posting WHERE account_id = $1", anna.AccountID); n != 2 {
		s.t.Errorf("%d postings", n)
	}
}

func sameKeyAfterARefusal(s *twoServers) {
	anna, ben := s.open("5"), s.open("100")
	p := payFrom(anna, ben, "10")
	for i := range s.server {
		if answer := s.settle(i, "demo-owner", p); answer.code != "INSUFFICIENT_FUNDS" {
			s.t.Errorf("%+v", answer)
		}
	}
	if answer := s.settle(0, "demo-owner", payFrom(ben, anna, "20")); answer.code != done {
		s.t.Fatalf("%+v", answer)
	}
	answers := dbtest.Together(10, func(i int) learned { return s.settle(i%2, "demo-owner", p) })
	if counts := codes(answers); counts[done] != 10 || len(idsOf(answers)) != 1 {
		s.t.Errorf("%v", counts)
	}
	s.has(anna, "15", "0")
}

// sameKeyWhileItHangs holds the payer's row for five seconds.
func sameKeyWhileItHangs(s *twoServers) {
	anna, ben := s.open("100"), s.open("0")
	p := payFrom(anna, ben, "10")
	tx, err := s.store.Pool().Begin(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := tx.Exec(s.t.Context(), "SELECT FROM account WHERE account_id = $1 FOR UPDATE", anna.AccountID); err != nil {
		s.t.Fatal(err)
	}
	began, before := time.Now(), s.again.Load()
	answered := make(chan []learned)
	go func() { answered <- dbtest.Together(4, func(i int) learned { return s.settle(i%2, "demo-owner", p) }) }()
	select {
	case answers := <-answered:
		s.t.Errorf("answered while the row was held: %v", codes(answers))
	case <-time.After(5 * time.Second):
	}
	if n := s.count("SELECT count(*) FROM transaction_request WHERE account_id = $1", anna.AccountID); n != 0 {
		s.t.Errorf("%d requests while the row is held", n)
	}
	if err := tx.Rollback(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	answers := <-answered
	if counts := codes(answers); counts[done] != 4 || len(idsOf(answers)) != 1 {
		s.t.Errorf("%v: %s", counts, answers[0].raw)
	}
	s.t.Logf("answered after %s; asked again %d times", time.Since(began).Round(time.Millisecond), s.again.Load()-before)
	s.has(anna, "90", "0")
}

func manyOfTheSameMoney(s *twoServers) {
	anna, payees := s.open("100"), s.openAll(8, "0")
	answers := dbtest.Together(64, func(i int) learned { return s.settle(i%2, "demo-owner", payFrom(anna, payees[i%8], "60")) })
	if counts := codes(answers); counts[done] != 1 || counts["INSUFFICIENT_FUNDS"] != 63 {
		s.t.Errorf("%v", counts)
	}
	s.has(anna, "40", "0")
}

// pace is how fast a load was answered.
type pace struct {
	counts    map[string]int
	perSecond float64
	p99       time.Duration
}

// load has 64 clients pay through both servers for a while.
func (s *twoServers) load(next func(client, i int) (from, to *models.Account)) pace {
	const clients = 64
	var group sync.WaitGroup
	counts, latencies := make([]map[string]int, clients), make([][]time.Duration, clients)
	start := time.Now()
	for client := range clients {
		counts[client] = map[string]int{}
		group.Go(func() {
			for i := 0; time.Since(start) < *paymentsFor; i++ {
				from, to := next(client, i)
				began := time.Now()
				answer := s.ask(client%2, "demo-owner", payFrom(from, to, fmt.Sprintf("%d.%02d", rand.IntN(20), 1+rand.IntN(99))))
				counts[client][answer.code]++
				latencies[client] = append(latencies[client], time.Since(began))
			}
		})
	}
	group.Wait()
	took := time.Since(start)
	total := map[string]int{}
	for _, counted := range counts {
		for code, n := range counted {
			total[code] += n
		}
	}
	all := slices.Concat(latencies...)
	slices.Sort(all)
	return pace{total, float64(total[done]) / took.Seconds(), all[len(all)*99/100].Round(time.Millisecond)}
}

// wantSum says that a load has moved money and made or lost none, and that nobody was refused for another reason than want of money.
func (s *twoServers) wantSum(p pace, accounts []*models.Account, sum int) {
	s.t.Helper()
	s.t.Logf("%v in %s: %.0f a second, p99 %s", p.counts, *paymentsFor, p.perSecond, p.p99)
	others := maps.Clone(p.counts)
	delete(others, "INSUFFICIENT_FUNDS")
	if len(others) != 1 || others[done] == 0 {
		s.t.Errorf("%v", others)
	}
	ids := make([]string, len(accounts))
	for i, account := range accounts {
		ids[i] = account.AccountID.String()
	}
	if n := s.count("SELECT (100 * sum(balance))::bigint FROM account WHERE account_id::text = ANY($1)", ids); n != 100*sum {
		s.t.Errorf("%d became %d hundredths", sum, n)
	}
	if n := s.count("SELECT count(*) FROM account WHERE account_id::text = ANY($1) AND balance < 0", ids); n != 0 {
		s.t.Errorf("%d accounts are overdrawn", n)
	}
}

// aRing pays A to B to C to A, and between any two of eight.
func aRing(s *twoServers) {
	accounts := s.openAll(8, "100")
	s.wantSum(s.load(func(client, i int) (from, to *models.Account) {
		if client%2 == 0 {
			return accounts[i%3], accounts[(i+1)%3]
		}
		n := rand.IntN(8)
		return accounts[n], accounts[(n+1+rand.IntN(7))%8]
	}), accounts, 800)
}

// aHotAccount pays from and to one account. How fast that should be is for the benchmark: here both are told.
func aHotAccount(s *twoServers) {
	accounts := s.openAll(40, "1000")
	spread := s.load(func(int, int) (from, to *models.Account) {
		n := rand.IntN(40)
		return accounts[n], accounts[(n+1+rand.IntN(39))%40]
	})
	s.wantSum(spread, accounts, 40_000)
	hot := s.load(func(client, i int) (from, to *models.Account) {
		if other := accounts[1+rand.IntN(39)]; (client+i)%2 == 0 {
			return other, accounts[0]
		}
		return accounts[0], accounts[1+rand.IntN(39)]
	})
	s.wantSum(hot, accounts, 40_000)
	s.t.Logf("the hot account has %.2f of the rate of random pairs", hot.perSecond/spread.perSecond)
}

// lastMoney is M13 as far as challenges are there: what waits for them is reserved when it is asked for, so that it is then that they compete.
func lastMoney(s *twoServers) {
	for range 5 {
		anna, ben := s.open("1500"), s.open("0")
		answers := dbtest.Together(6, func(i int) learned {
			return s.settle(i%2, "demo-owner", payFrom(anna, ben, []string{"1000", "900", "1200"}[i/2]))
		})
		if counts := codes(answers); counts[done] != 1 || counts["INSUFFICIENT_FUNDS"] != 5 {
			s.t.Errorf("%v", counts)
		}
		for _, answer := range answers {
			switch answer.status {
			case "COMPLETED":
				s.has(anna, "600", "0")
			case "INITIATED":
				s.has(ben, "0", "0")
			}
		}
		if n := s.count("SELECT count(*) FROM transaction_request WHERE account_id = $1", anna.AccountID); n != 1 {
			s.t.Errorf("%d requests are left", n)
		}
	}
}
