package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bankgraph/db"
	"bankgraph/ledger"
)

type eventOptions struct {
	options

	subscribers, rate int
	last              time.Duration
	isOfPayments      bool
}

// side is two replicas on one database.
type side struct {
	url      string
	pool     *pgxpool.Pool
	replicas [2]*replica
}

// eventBench is where some follow. There are two of them, so that what it costs that somebody follows can be told: nobody does at the other.
type eventBench struct {
	o      eventOptions
	ctx    context.Context //nolint:containedctx // it is that of the whole run
	sides  [2]*side
	report io.Writer
}

// events measures how long it takes from a challenge to whoever follows it, through two replicas; what a subscriber costs who hears nothing; and what subscribers cost those who pay.
func events(ctx context.Context, arguments []string) error {
	var o eventOptions
	flags := flag.NewFlagSet("events", flag.ContinueOnError)
	flags.StringVar(&o.dataDir, "data-dir", "", "where the private Postgres is kept for the next run (default: a directory that is removed at the end); DATABASE_URL names another server instead")
	flags.StringVar(&o.results, "results", "bench/results/events.txt", "where the results are kept")
	flags.IntVar(&o.subscribers, "subscribers", 1000, "how many follow, each a user of their own, half of them at each replica")
	flags.IntVar(&o.rate, "rate", 200, "how many events there are in a second")
	flags.DurationVar(&o.last, "for", 20*time.Second, "for how long")
	flags.BoolVar(&o.isOfPayments, "payments-only", false, "measure nothing but what subscribers cost those who pay")
	flags.IntVar(&o.rounds, "rounds", 3, "how often subscribers come to each pair of replicas")
	flags.DurationVar(&o.round, "round", 500*time.Millisecond, "how long payments are made at a time")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if o.subscribers < 2 || o.subscribers > paymentAccounts/accountsOfAUser {
		return fmt.Errorf("there are users for 2 to %d subscribers", paymentAccounts/accountsOfAUser)
	}
	remove, err := o.place()
	if err != nil {
		return err
	}
	defer remove()
	url, stop, err := openDatabase(ctx, o.options)
	if err != nil {
		return err
	}
	defer stop()
	var sides [2]*side
	for i := range sides {
		if sides[i], err = openSide(ctx, url, i); err != nil {
			return err
		}
		defer sides[i].pool.Close()
	}
	report, closeReport, err := o.report()
	if err != nil {
		return err
	}
	defer closeReport()
	return measureEvents(ctx, o, sides, report)
}

// openSide fills a database with who pays: the one at the address, or one beside it on the same server.
func openSide(ctx context.Context, address string, number int) (_ *side, err error) {
	if number > 0 {
		if address, err = beside(ctx, address); err != nil {
			return nil, fmt.Errorf("make a database beside: %w", err)
		}
	}
	s := &side{url: address}
	if s.pool, err = fillPayments(ctx, address); err != nil {
		return nil, err
	}
	return s, fillPayers(ctx, s.pool, false)
}

// beside is the address of a database beside the one at an address. It is made when it is not there.
func beside(ctx context.Context, address string) (string, error) {
	second, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	second.Path += "_beside"
	connection, err := pgx.Connect(ctx, address)
	if err != nil {
		return "", err
	}
	defer connection.Close(ctx) //nolint:errcheck // what was asked was answered
	name, isThere := strings.TrimPrefix(second.Path, "/"), false
	if err := connection.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&isThere); err != nil || isThere {
		return second.String(), err
	}
	_, err = connection.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	return second.String(), err
}

func measureEvents(ctx context.Context, o eventOptions, sides [2]*side, report io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the programs
	b, start := &eventBench{o: o, ctx: ctx, sides: sides, report: report}, time.Now()
	fmt.Fprintf(report, "%s, %d subscribers\n", machine(), o.subscribers)
	if !o.isOfPayments {
		if err := b.idle(); err != nil {
			return err
		}
	}
	for _, side := range sides {
		for i := range side.replicas {
			var err error
			if side.replicas[i], err = openReplica(ctx, o.options, side.url); err != nil {
				return err
			}
		}
	}
	if !o.isOfPayments {
		if err := errors.Join(b.latency(), b.resting()); err != nil {
			return err
		}
	}
	if err := b.payments(postmaster(ctx, sides[0].url)); err != nil {
		return err
	}
	for _, side := range sides {
		violations, err := ledger.Check(ctx, side.pool, slices.Concat(db.RequestInvariants, db.EventInvariants(start))...)
		if err != nil {
			return err
		}
		if len(violations) > 0 {
			return fmt.Errorf("the books are wrong: %v", violations[:min(5, len(violations))])
		}
	}
	fmt.Fprintf(report, "\n  Afterwards the books and the events were right: ledger.Check found nothing.\n")
	return nil
}

// idle measures what a subscriber costs in memory who hears nothing. The program collects its garbage more often than usual here, so that what it holds is told from what it has thrown away.
func (b *eventBench) idle() error {
	ctx, cancel := context.WithCancel(b.ctx)
	defer cancel()
	if err := os.Setenv("GOGC", "10"); err != nil {
		return err
	}
	r, err := openReplica(ctx, b.o.options, b.sides[0].url)
	if unset := os.Unsetenv("GOGC"); err != nil || unset != nil {
		return errors.Join(err, unset)
	}
	some, err := gather(ctx, challengesDocument, nil, 50, r) // what the first of them need is kept for all
	if err != nil {
		return err
	}
	if err := some.leave(ctx); err != nil {
		return err
	}
	before, err := r.memory(ctx)
	if err != nil {
		return err
	}
	all, err := gather(ctx, challengesDocument, nil, b.o.subscribers, r)
	if err != nil {
		return err
	}
	after, err := r.memory(ctx)
	if err != nil {
		return err
	}
	each := func(of func(memory) float64) float64 {
		return (of(after) - of(before)) / float64(b.o.subscribers) / 1024
	}
	fmt.Fprintf(b.report, "\nIdle subscribers, %d sockets with a subscription to challengeEvents each, at one replica with GOGC=10, which shows little but what is held:\n\n", b.o.subscribers)
	fmt.Fprintf(b.report, "  heap in use %.1f KB, stacks %.1f KB, resident memory of the process %.1f KB, each\n", each(func(m memory) float64 { return m.heap }),
		each(func(m memory) float64 { return m.stack }), each(func(m memory) float64 { return m.resident }))
	return all.leave(ctx)
}

// beat is how often a subscriber is told that nothing happened.
const beat = 20 * time.Second

// resting measures what subscribers cost who follow, while nothing happens but that each hears a heartbeat and is asked whether they are there.
func (b *eventBench) resting() error {
	replicas := b.sides[0].replicas
	fmt.Fprintf(b.report, "\nWhile nothing happens, milliseconds of processor time a second, of %s in which each subscriber hears one heartbeat and answers one ping:\n\n", beat)
	for _, crowd := range crowds {
		all, err := crowd.gather(b, replicas[:]...)
		if err != nil {
			return err
		}
		pids := []int{replicas[0].payer.pid, replicas[1].payer.pid, postmaster(b.ctx, b.sides[0].url)}
		if err := db.Sleep(b.ctx, beat); err != nil { // the heartbeats of the first are half as many
			return err
		}
		before := processorTimes(pids...)
		if err := db.Sleep(b.ctx, beat); err != nil {
			return err
		}
		fmt.Fprintf(b.report, "  %-25s", crowd.name)
		for i, used := range processorTimes(pids...) {
			fmt.Fprintf(b.report, "  %s %5.1f", [...]string{"replica", "replica", "Postgres"}[i], (used-before[i]).Seconds()*1000/beat.Seconds())
		}
		fmt.Fprintln(b.report)
		if err := all.leave(b.ctx); err != nil {
			return err
		}
	}
	return nil
}

// latency measures how long events take to those who follow them.
func (b *eventBench) latency() error {
	replicas := b.sides[0].replicas
	all, err := gather(b.ctx, challengesDocument, nil, b.o.subscribers, replicas[:]...)
	if err != nil {
		return err
	}
	var payers sync.WaitGroup
	var mu sync.Mutex
	var failed error
	asked, pace, began := 0, time.NewTicker(time.Second/time.Duration(b.o.rate)), time.Now()
	load, works := machine(), [2]time.Duration{processorTime(replicas[0].payer.pid), processorTime(replicas[1].payer.pid)}
	for ; time.Since(began) < b.o.last; asked++ {
		<-pace.C
		user := int64(1 + asked%b.o.subscribers)
		payers.Go(func() { // all of them pay at the first replica, and half of them follow at the second
			payer := (user-1)*accountsOfAUser + 1
			if err := replicas[0].payer.request(b.ctx, payer, payer+accountsOfAUser, "1000", "INITIATED"); err != nil {
				mu.Lock()
				failed = err
				mu.Unlock()
			}
		})
	}
	pace.Stop()
	payers.Wait()
	took := time.Since(began)
	if failed != nil {
		return failed
	}
	told := all.until(asked)
	if err := all.leave(b.ctx); err != nil {
		return err
	}
	fmt.Fprintf(b.report, "\nFrom a challenge to whoever follows it: %d requests in %s, %.0f a second, through the first replica, each with a challenge of one of %d users, who follow at two replicas (%s):\n\n",
		asked, took.Round(time.Second), float64(asked)/took.Seconds(), b.o.subscribers, load[strings.LastIndex(load, ",")+2:])
	fmt.Fprintf(b.report, "    at                   events  p50 ms  p99 ms  longest ms  CPU of the replica\n")
	for i, name := range []string{"the same replica", "the other replica"} {
		waits := all.waits[i]
		cpu := (processorTime(replicas[i].payer.pid) - works[i]).Seconds() / took.Seconds()
		fmt.Fprintf(b.report, "  %-18s  %7d  %6.1f  %6.1f  %10.1f  %17.0f%%\n", name, len(waits), at(waits, 0.5), at(waits, 0.99), at(waits, 1), cpu*100)
	}
	both := slices.Concat(all.waits[0], all.waits[1])
	fmt.Fprintf(b.report, "  %-18s  %7d  %6.1f  %6.1f  %10.1f\n", "both", len(both), at(both, 0.5), at(both, 0.99), at(both, 1))
	fmt.Fprintf(b.report, "\n  Measured from the time in the event, which is set before the transaction commits: from the commit on it is less. %d of %d events arrived.\n", told, asked)
	return nil
}

// at is the quantile of durations in milliseconds.
func at(durations []time.Duration, quantile float64) float64 {
	if len(durations) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(durations))
	return float64(sorted[int(quantile*float64(len(sorted)-1))].Microseconds()) / 1000
}
