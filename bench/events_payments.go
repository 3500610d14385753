package main

import (
	"fmt"
	"math"
	"os"
	"slices"
	"time"

	"bankgraph/db"
	"bankgraph/models"
)

// crowds are who follows while others pay.
var crowds = []struct {
	name, document string
	variables      func(user int) map[string]any
}{
	{"nobody", "", nil},
	{"who hear nothing", challengesDocument, nil},
	{"who hear of some payments", requestsDocument, func(user int) map[string]any {
		return map[string]any{"id": models.ID{Kind: models.KindAccount, UUID: accountOf(int64(user-1)*accountsOfAUser + 1).AccountID}.String()}
	}},
}

// works are the processes that share the machine, in the order of the report's columns.
type works [4]float64

const (
	ofPaying = iota
	ofOther
	ofPostgres
	ofClients
)

// before is what the processes have used by now.
func (b *eventBench) before(database int) (used [4]time.Duration) {
	for i, pid := range []int{b.replicas[0].payer.pid, b.replicas[1].payer.pid, database, os.Getpid()} {
		used[i] = processorTime(pid)
	}
	for _, child := range []int{ofPaying, ofOther} { // they are children of this program
		used[ofClients] -= used[child]
	}
	return used
}

// warmUp is for how long payments are made before they are measured: with a crowd the program has a larger heap, and what it takes from the system for that it takes once.
const warmUp = 2 * time.Second

// crowdRound is a round of payments with a crowd.
type crowdRound struct {
	paid

	works works // milliseconds of processor time a payment
	heard float64
}

// servers is what the payments cost the bank: both replicas and Postgres.
func (r crowdRound) servers() float64 {
	return r.works[ofPaying] + r.works[ofOther] + r.works[ofPostgres]
}

// withCrowd measures payments while a crowd follows.
func (b *eventBench) withCrowd(crowd int, database int) (crowdRound, error) {
	all := &crowdOf{}
	if crowds[crowd].document != "" {
		var err error
		if all, err = gather(b.ctx, crowds[crowd].document, crowds[crowd].variables, b.o.subscribers, b.replicas[:]...); err != nil {
			return crowdRound{}, err
		}
	}
	if err := db.Sleep(b.ctx, time.Second); err != nil {
		return crowdRound{}, err
	}
	warm := b.o.options
	warm.round = warmUp
	if _, err := byGraph(b.ctx, paymentOptions{options: warm}, b.replicas[0].payer, randomPair); err != nil {
		return crowdRound{}, err
	}
	all.forget()
	before := b.before(database)
	p, err := byGraph(b.ctx, paymentOptions{options: b.o.options}, b.replicas[0].payer, randomPair)
	if err != nil {
		return crowdRound{}, err
	}
	round := crowdRound{paid: p}
	for i, used := range b.before(database) {
		round.works[i] = (used - before[i]).Seconds() * 1000 / p.payments
	}
	if err := all.leave(b.ctx); err != nil {
		return crowdRound{}, err
	}
	round.heard = float64(len(all.waits[0])+len(all.waits[1])) / b.o.round.Seconds()
	return round, nil
}

// payments measures how many payments there are in a second with subscribers and without, in turns.
func (b *eventBench) payments(database int) error {
	found := make([][]crowdRound, len(crowds))
	for round := range b.o.rounds + 1 {
		for turn := range crowds {
			i := (round + turn) % len(crowds) // whoever comes after those who connected has their garbage
			one, err := b.withCrowd(i, database)
			if err != nil {
				return err
			}
			if round > 0 { // the first fills caches
				found[i] = append(found[i], one)
			}
		}
	}
	fmt.Fprintf(b.report, "\nPayments by %d clients through the first replica, medians of %d rounds of %s, in turns, while %d subscribers follow at both. CPU is processor time a payment.\n", paymentClients, b.o.rounds, b.o.round, b.o.subscribers)
	fmt.Fprintf(b.report, "The clients, those who pay and those who follow, are one program on the same cores. The ratios are means of those of the rounds, with the standard error; \"servers\" are both replicas and Postgres.\n\n")
	fmt.Fprintf(b.report, "    subscribers              payments/s      to nobody  lowest  highest  p50 ms  p99 ms  CPU: replica  other  Postgres  clients  servers to nobody  events/s heard\n")
	for i, crowd := range crowds {
		of := func(part func(crowdRound) float64) float64 { return quantileOf(found[i], part, 0.5) }
		rate := func(r crowdRound) float64 { return r.perSecond }
		ratio := func(part func(crowdRound) float64) string {
			ratios := make([]float64, b.o.rounds)
			for j := range ratios {
				ratios[j] = part(found[i][j]) / part(found[0][j])
			}
			return meanOf(ratios)
		}
		work := func(of int) func(crowdRound) float64 { return func(r crowdRound) float64 { return r.works[of] } }
		fmt.Fprintf(b.report, "  %-25s  %10.0f  %13s  %6.0f  %7.0f  %6.1f  %6.1f  %12.3f  %5.3f  %8.3f  %7.3f  %17s  %14.0f\n", crowd.name, of(rate), ratio(rate),
			quantileOf(found[i], rate, 0), quantileOf(found[i], rate, 1), of(func(r crowdRound) float64 { return r.p50 }), of(func(r crowdRound) float64 { return r.p99 }),
			of(work(ofPaying)), of(work(ofOther)), of(work(ofPostgres)), of(work(ofClients)), ratio(crowdRound.servers), of(func(r crowdRound) float64 { return r.heard }))
	}
	return nil
}

// meanOf is the mean of some ratios and its standard error: how far another run of as many rounds may well be off.
func meanOf(ratios []float64) string {
	sum, squares := 0.0, 0.0
	for _, ratio := range ratios {
		sum += ratio
	}
	mean := sum / float64(len(ratios))
	for _, ratio := range ratios {
		squares += (ratio - mean) * (ratio - mean)
	}
	return fmt.Sprintf("%.3f ± %.3f", mean, math.Sqrt(squares/float64(len(ratios)*max(1, len(ratios)-1))))
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
