package main

import (
	"fmt"
	"math"
	"os"
	"slices"
	"time"

	"bankgraph/models"
)

// crowd is who follows while others pay.
type crowd struct {
	name, document string
	variables      func(user int) map[string]any
}

var crowds = []crowd{
	{"nobody", "", nil},
	{"who hear nothing", challengesDocument, nil},
	{"who hear of some payments", requestsDocument, func(user int) map[string]any {
		return map[string]any{"id": models.ID{Kind: models.KindAccount, UUID: accountOf(int64(user-1)*accountsOfAUser + 1).AccountID}.String()}
	}},
}

// gather connects the crowd.
func (c crowd) gather(b *eventBench, replicas ...*replica) (*crowdOf, error) {
	if c.document == "" {
		return &crowdOf{}, nil
	}
	return gather(b.ctx, c.document, c.variables, b.o.subscribers, replicas...)
}

// works are the processes that share the machine, in the order of the report's columns.
type works [4]float64

const (
	ofPaying = iota
	ofOther
	ofPostgres
	ofClients
)

const (
	// turnsOfASide is how often payments are made at each of the two while the same subscribers follow.
	turnsOfASide = 40
	// warmUp is for how long payments are made before they are measured: with subscribers the program has a larger heap, and what it takes from the system for that it takes once.
	warmUp = 4 * time.Second
)

// turn is a short time of payments at one of the two.
type turn struct {
	paid

	works works // milliseconds of processor time
}

// servers is what the payments cost the bank: both replicas and Postgres.
func (t turn) servers() float64 { return t.works[ofPaying] + t.works[ofOther] + t.works[ofPostgres] }

// compared are two turns that came right behind each other: where many follow, and where nobody does.
type compared struct {
	followed, quiet turn
	heard           float64
}

// turnAt makes payments at a side's first replica.
func (b *eventBench) turnAt(s *side, database int) (turn, error) {
	pids := []int{s.replicas[0].payer.pid, s.replicas[1].payer.pid, database, os.Getpid()}
	for _, one := range b.sides { // they are children of this program
		pids = append(pids, one.replicas[0].payer.pid, one.replicas[1].payer.pid)
	}
	used := func() []time.Duration {
		used := processorTimes(pids...)
		for _, child := range used[len(works{}):] {
			used[ofClients] -= child
		}
		return used[:len(works{})]
	}
	before := used()
	p, err := byGraph(b.ctx, paymentOptions{options: b.o.options}, s.replicas[0].payer, randomPair)
	if err != nil {
		return turn{}, err
	}
	made := turn{paid: p}
	for i, after := range used() {
		made.works[i] = (after - before[i]).Seconds() * 1000
	}
	return made, nil
}

// warm makes payments at a side that are not measured.
func (b *eventBench) warm(s *side) error {
	o := b.o.options
	o.round = warmUp
	_, err := byGraph(b.ctx, paymentOptions{options: o}, s.replicas[0].payer, randomPair)
	return err
}

// withCrowd measures payments where a crowd follows and where nobody does, in turns.
func (b *eventBench) withCrowd(crowd, at, database int) ([]compared, error) {
	followed, quiet := b.sides[at], b.sides[1-at]
	all, err := crowds[crowd].gather(b, followed.replicas[:]...)
	if err != nil {
		return nil, err
	}
	for _, one := range b.sides {
		if err := b.warm(one); err != nil {
			return nil, err
		}
	}
	all.forget()
	found := make([]compared, turnsOfASide)
	for i := range found {
		pair := [2]turn{}
		for j := range pair {
			which := (i + j) % 2 // whoever comes first in one pair comes last in the next
			made, err := b.turnAt([2]*side{followed, quiet}[which], database)
			if err != nil {
				return nil, err
			}
			pair[which] = made
		}
		found[i] = compared{pair[0], pair[1], float64(all.told()) / b.o.round.Seconds()}
		all.forget()
	}
	return found, all.leave(b.ctx)
}

// payments measures how many payments there are in a second where many follow and where nobody does: two pairs of replicas, each with a database of its own in the same Postgres, are paid at in turns of a
// second or less, since how fast a machine is may drift by a third within seconds. Each of the two has the crowd as often as the other.
func (b *eventBench) payments(database int) error {
	for _, one := range b.sides {
		if err := b.warm(one); err != nil {
			return err
		}
		// What a server that runs for long has done by itself: of tables that were empty a moment ago Postgres knows nothing.
		if _, err := one.pool.Exec(b.ctx, "VACUUM (ANALYZE)"); err != nil {
			return err
		}
	}
	found := make([][]compared, len(crowds))
	for range b.o.rounds {
		for crowd := range crowds {
			for at := range b.sides {
				some, err := b.withCrowd(crowd, at, database)
				if err != nil {
					return err
				}
				found[crowd] = append(found[crowd], some...)
			}
		}
	}
	fmt.Fprintf(b.report, "\nPayments by %d clients at two pairs of replicas, each with its own database in one Postgres: %d subscribers follow at one pair and nobody at the other. Payments are made at the two\n", paymentClients, b.o.subscribers)
	fmt.Fprintf(b.report, "in turns of %s, %d at either, and each pair of replicas is the one that is followed as often as the other. The clients, those who pay and those who follow, are one program on the same cores.\n", b.o.round, len(found[0]))
	fmt.Fprintf(b.report, "CPU is milliseconds of processor time a payment; \"servers\" are both replicas and Postgres. What is compared is the sum of all turns; behind it the standard error, by leaving out each pair of turns.\n")
	fmt.Fprintf(b.report, "What subscribers cost while nothing happens they cost during the turns of both pairs, so that the ratio knows nothing of it.\n\n")
	fmt.Fprintf(b.report, "    subscribers              payments/s  of nobody       to nobody  p50 ms  p99 ms  CPU: replica  other  Postgres  clients  servers to nobody  events/s heard\n")
	for i, crowd := range crowds {
		of := func(part func(compared) float64) float64 { return quantileOf(found[i], part, 0.5) }
		work := func(of int) float64 {
			return each(found[i], followed, func(t turn) float64 { return t.works[of] })
		}
		fmt.Fprintf(b.report, "  %-25s  %10.0f  %9.0f  %14s  %6.1f  %6.1f  %12.3f  %5.3f  %8.3f  %7.3f  %17s  %14.0f\n", crowd.name,
			of(func(pair compared) float64 { return pair.followed.perSecond }), of(func(pair compared) float64 { return pair.quiet.perSecond }), withError(found[i], payments),
			of(func(pair compared) float64 { return pair.followed.p50 }), of(func(pair compared) float64 { return pair.followed.p99 }),
			work(ofPaying), work(ofOther), work(ofPostgres), work(ofClients), withError(found[i], servers), of(func(pair compared) float64 { return pair.heard }))
	}
	return nil
}

// The two turns of a pair.
func followed(pair compared) turn { return pair.followed }
func quiet(pair compared) turn    { return pair.quiet }

// each is a part of some turns, a payment.
func each(pairs []compared, which func(compared) turn, part func(turn) float64) float64 {
	var sum, payments float64
	for _, pair := range pairs {
		one := which(pair)
		sum, payments = sum+part(one), payments+one.payments
	}
	return sum / payments
}

// payments is how many there are in a second with subscribers, to those with nobody.
func payments(pairs []compared) float64 {
	var followed, quiet float64
	for _, pair := range pairs {
		followed, quiet = followed+pair.followed.perSecond, quiet+pair.quiet.perSecond
	}
	return followed / quiet
}

// servers is what a payment costs the bank with subscribers, to what it costs with nobody.
func servers(pairs []compared) float64 {
	return each(pairs, followed, turn.servers) / each(pairs, quiet, turn.servers)
}

// withError is what all pairs say, and the standard error of it (the jackknife's): how far another run of as many may well be off.
func withError(pairs []compared, say func([]compared) float64) string {
	count := float64(len(pairs))
	without, sum, squares := make([]float64, len(pairs)), 0.0, 0.0
	for i := range pairs {
		without[i] = say(slices.Concat(pairs[:i], pairs[i+1:]))
		sum += without[i]
	}
	for _, one := range without {
		squares += (one - sum/count) * (one - sum/count)
	}
	return fmt.Sprintf("%.3f ± %.3f", say(pairs), math.Sqrt((count-1)/count*squares))
}

// quantileOf is a quantile of a part of things.
func quantileOf[T any](things []T, part func(T) float64, quantile float64) float64 {
	parts := make([]float64, len(things))
	for i, thing := range things {
		parts[i] = part(thing)
	}
	slices.Sort(parts)
	return parts[int(quantile*float64(len(parts)-1))]
}
