package main

import (
	"context"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bankgraph/db/dbtest"
	"bankgraph/db/embedded"
)

// ownPostgres is a Postgres that nobody else uses, whose commits are on disk when they are acknowledged.
type ownPostgres struct {
	t     *testing.T
	dir   string
	url   string        // of the one that runs
	admin string        // the same for its superuser
	proxy *dbtest.Proxy // it comes back on another port
}

func startOwnPostgres(t *testing.T) *ownPostgres {
	t.Helper()
	o := &ownPostgres{t: t, dir: dataDir(t), proxy: dbtest.NewProxy(t, nil)}
	o.start()
	return o
}

// start starts it, and gives its address, which is the same each time.
func (o *ownPostgres) start() string {
	o.t.Helper()
	server, err := embedded.Start(context.WithoutCancel(o.t.Context()), embedded.Options{DataDir: o.dir})
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { _ = server.Stop() })
	o.url, o.admin = server.URL(), server.SuperuserURL()
	return o.proxy.Aim(o.t, o.url)
}

// stopAtOnce is what `pg_ctl stop -m immediate` does.
func (o *ownPostgres) stopAtOnce() {
	o.t.Helper()
	text, err := os.ReadFile(o.dir + "/postgres/postmaster.pid")
	if err != nil {
		o.t.Fatal(err)
	}
	process, err := strconv.Atoi(strings.Fields(string(text))[0])
	if err != nil {
		o.t.Fatal(err)
	}
	if err := syscall.Kill(process, syscall.SIGQUIT); err != nil {
		o.t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); syscall.Kill(process, 0) == nil; <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			o.t.Fatal("Postgres does not end")
		}
	}
}

// connect is a session of an administrator.
func (o *ownPostgres) connect() (*pgx.Conn, error) {
	connection, err := pgx.Connect(o.t.Context(), o.admin)
	if err == nil {
		o.t.Cleanup(func() { _ = connection.Close(context.Background()) })
	}
	return connection, err
}

// TestPaymentsWhileTheDatabaseIsInTrouble has F02, and of F04 what can be brought about without another disk.
func TestPaymentsWhileTheDatabaseIsInTrouble(t *testing.T) {
	t.Parallel()
	o := startOwnPostgres(t)
	all := startTwoServersAt(t, o.proxy.Aim(t, o.url))
	for _, part := range []struct {
		name string
		run  func(s *twoServers, o *ownPostgres)
	}{
		{"F02 Postgres is stopped at once in mid-load", postgresIsKilled},
		{"F04 an administrator locks the accounts for five seconds", tableIsLocked},
		{"F04 all connections are taken", connectionsAreTaken},
		{"F04 the database only reads", databaseOnlyReads},
	} {
		t.Run(part.name, func(t *testing.T) {
			s := all.in(t)
			part.run(s, o)
			s.wantBooks()
		})
	}
}

func postgresIsKilled(s *twoServers, o *ownPostgres) {
	p := s.startPayers()
	var hits []time.Time
	for range *crashRounds {
		p.until(100)
		hits = append(hits, time.Now())
		o.stopAtOnce()
		o.start()
	}
	p.until(100)
	s.store.Pool().Reset()
	p.end("F02, stop -m immediate of Postgres", hits)
}

// tableIsLocked has payments meet the lock of an administrator: whoever does not wait is told to come again, and each is paid once in the end.
func tableIsLocked(s *twoServers, o *ownPostgres) {
	accounts := s.openAll(4, "100")
	payments := make([]payment, 16)
	for i := range payments {
		payments[i] = payFrom(accounts[i%4], accounts[(i+1)%4], "1")
	}
	admin, err := o.connect()
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := admin.Exec(s.t.Context(), "BEGIN; LOCK TABLE account IN ACCESS EXCLUSIVE MODE"); err != nil {
		s.t.Fatal(err)
	}
	released := make(chan error)
	go func() {
		<-time.After(5 * time.Second)
		_, err := admin.Exec(context.Background(), "ROLLBACK")
		released <- err
	}()
	first := dbtest.Together(16, func(i int) learned { return s.ask(i%2, "demo-owner", payments[i]) })
	if err := <-released; err != nil {
		s.t.Fatal(err)
	}
	s.wantOpenOrDone(first)
	answers := dbtest.Together(16, func(i int) learned { return s.settle(i%2, "demo-owner", payments[i]) })
	if counts := codes(answers); counts[done] != 16 || len(idsOf(append(answers, first...))) != 16 {
		s.t.Errorf("%v", counts)
	}
	s.t.Logf("while it was locked: %v", codes(first))
}

// wantOpenOrDone says that each was paid, or told by a typed error that the same may be asked again.
func (s *twoServers) wantOpenOrDone(answers []learned) {
	s.t.Helper()
	for _, answer := range answers {
		isTyped := answer.isOpen && slices.Contains([]string{"UPSTREAM_UNAVAILABLE", "TIMEOUT"}, answer.code)
		if answer.code != done && !isTyped {
			s.t.Errorf("%+v", answer)
		}
	}
}

func (s *twoServers) wantUnavailable(answers []learned) {
	s.t.Helper()
	s.wantOpenOrDone(answers)
	if counts := codes(answers); counts[done] > 0 {
		s.t.Errorf("%v", counts)
	}
}

// connectionsAreTaken takes every connection that there is, also those of the servers.
func connectionsAreTaken(s *twoServers, o *ownPostgres) {
	anna, ben := s.open("100"), s.open("0")
	var taken []*pgx.Conn
	take := func() {
		for {
			connection, err := o.connect()
			if err != nil {
				return
			}
			taken = append(taken, connection)
		}
	}
	for deadline, left := time.Now().Add(20*time.Second), 1; left > 0; {
		take()
		row := taken[0].QueryRow(s.t.Context(), "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'bankgraph' AND pid <> pg_backend_pid()")
		if err := row.Scan(&left); err != nil {
			s.t.Fatal(err)
		}
		if time.Now().After(deadline) {
			s.t.Fatal("the servers hold what they have")
		}
	}
	take()
	p := payFrom(anna, ben, "10")
	began := time.Now()
	first := dbtest.Together(8, func(i int) learned { return s.ask(i%2, "demo-owner", p) })
	s.wantUnavailable(first)
	s.t.Logf("without connections: %v after %s", codes(first), time.Since(began).Round(time.Millisecond))
	for _, connection := range taken {
		_ = connection.Close(context.Background())
	}
	s.store.Pool().Reset()
	answers := dbtest.Together(8, func(i int) learned { return s.settle(i%2, "demo-owner", p) })
	if counts := codes(answers); counts[done] != 8 || len(idsOf(answers)) != 1 {
		s.t.Errorf("%v", counts)
	}
	s.has(anna, "90", "0")
}

func databaseOnlyReads(s *twoServers, o *ownPostgres) {
	anna, ben := s.open("100"), s.open("0")
	admin, err := o.connect()
	if err != nil {
		s.t.Fatal(err)
	}
	set := func(value string) {
		for _, sql := range []string{"SET default_transaction_read_only = off", "ALTER SYSTEM SET default_transaction_read_only = " + value, "SELECT pg_reload_conf()"} {
			if _, err := admin.Exec(context.Background(), sql); err != nil {
				s.t.Fatal(err)
			}
		}
		for isSet := ""; isSet != value; {
			if err := s.store.Pool().QueryRow(context.Background(), "SHOW default_transaction_read_only").Scan(&isSet); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	set("on")
	p := payFrom(anna, ben, "10")
	for deadline := time.Now().Add(10 * time.Second); ; { // the servers' sessions learn of it a moment later
		first := dbtest.Together(4, func(i int) learned { return s.ask(i%2, "demo-owner", payFrom(anna, ben, "0.01")) })
		s.wantOpenOrDone(first)
		if codes(first)[done] == 0 || time.Now().After(deadline) {
			break
		}
	}
	s.wantUnavailable(dbtest.Together(8, func(i int) learned { return s.ask(i%2, "demo-owner", p) }))
	set("off")
	answers := dbtest.Together(8, func(i int) learned { return s.settle(i%2, "demo-owner", p) })
	if counts := codes(answers); counts[done] != 8 || len(idsOf(answers)) != 1 {
		s.t.Errorf("%v", counts)
	}
	if n := s.count("SELECT count(*) FROM idempotency_key WHERE key = $1", p["idempotencyKey"]); n != 1 {
		s.t.Errorf("%d keys", n)
	}
}
