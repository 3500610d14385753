package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/ledger"
	"bankgraph/models"
)

// TestF07TheClockOfTheDatabaseDecides moves the clock of the database against that of the servers, which is the same to both as if theirs went wrong: by functions of
// the same names that sessions find before Postgres' own. M22, too: what waits for its day is paid once, across restarts.
func TestF07TheClockOfTheDatabaseDecides(t *testing.T) {
	t.Parallel()
	s := startTwoServers(t)
	anna, ben := s.open("100"), s.open("0")
	tomorrow := models.Today().AddDate(0, 0, 1)
	waiting := func() payment { return payFrom(anna, ben, "10").with("futureDate", tomorrow.Format(time.DateOnly)) }
	wait := func(server int) learned { return s.settle(server, "demo-owner", waiting()) }
	first := waiting()
	asked := s.settle(0, "demo-owner", first)
	for i := range 4 {
		answer := asked
		if i > 0 {
			answer = wait(i % 2)
		}
		if answer.code != done || answer.status != "PENDING" {
			t.Fatalf("%+v", answer)
		}
	}
	for _, step := range []struct {
		ahead   string // the clock of the database
		balance string
	}{{"0 hours", "100"}, {"-25 hours", "100"}, {"-1 hour", "100"}, {"25 hours", "60"}, {"24 hours", "60"}, {"-25 hours", "60"}, {"25 hours", "60"}} {
		s.setClock(step.ahead)
		s.payDue()
		s.has(anna, step.balance, "0")
	}
	if n := s.count("SELECT count(*) FROM transaction_request_event WHERE status = 'COMPLETED' AND number = 2"); n != 4 {
		t.Errorf("%d were paid of 4", n)
	}

	// The servers are a day behind, and new processes of the program: what is tomorrow to them is today, and a payment is one of the database's day.
	for i := range s.server {
		s.kill(i)
		s.start(i)
	}
	for i := range s.server {
		if answer := wait(i); answer.code != "VALIDATION" {
			t.Errorf("%+v", answer)
		}
	}
	// Whoever asks again what became of a payment on a day that was to come learns it.
	if again := s.settle(1, "demo-owner", first); again.id != asked.id || again.status != "COMPLETED" {
		t.Errorf("%+v instead of %+v", again, asked)
	}
	paid := s.settle(0, "demo-owner", payFrom(anna, ben, "1"))
	if paid.status != "COMPLETED" {
		t.Fatalf("%+v", paid)
	}
	if n := s.count("SELECT count(*) FROM transaction_request WHERE transaction_request_id::text = $1 AND execute_on = $2", paid.id, tomorrow); n != 1 {
		t.Error("the payment is one of the server's day")
	}
	s.has(anna, "59", "0")
	s.wantBooks()
}

// setClock lets all new sessions have another time.
func (s *twoServers) setClock(ahead string) {
	s.t.Helper()
	for _, sql := range []string{
		"CREATE SCHEMA IF NOT EXISTS wrong",
		fmt.Sprintf("CREATE OR REPLACE FUNCTION wrong.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$ SELECT pg_catalog.clock_timestamp() + interval '%s' $$", ahead),
		fmt.Sprintf("CREATE OR REPLACE FUNCTION wrong.now() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT pg_catalog.now() + interval '%s' $$", ahead),
		"DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET search_path = public, wrong, pg_catalog'; END $$",
	} {
		s.execute(sql)
	}
}

// payDue looks for what is due at two banks beside each other, with sessions of their own, as the servers do every half minute.
func (s *twoServers) payDue() {
	s.t.Helper()
	var banks []*bank.Bank
	for range 2 {
		store, err := db.Open(s.t.Context(), s.address, db.Options{})
		if err != nil {
			s.t.Fatal(err)
		}
		books := ledger.New(store.Pool(), ledger.Options{Explain: db.Known})
		defer store.Close()
		defer books.Close()
		banks = append(banks, bank.New(store).WithLedger(books))
	}
	for _, err := range dbtest.Together(4, func(i int) error {
		_, err := banks[i%2].PayDue(context.Background())
		return err
	}) {
		if err != nil {
			s.t.Error(err)
		}
	}
}
