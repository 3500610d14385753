package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bankgraph/models"
)

// crashRounds is how often the cases F01 and F02 kill; they ask for 120 and 20.
var crashRounds = flag.Int("crash-rounds", 2, "how often the cases F01 and F02 kill what they kill")

// payers pay in a loop through two servers, whatever happens to these, and ask again with the same key until they know what came of each payment.
type payers struct {
	*twoServers

	accounts []*models.Account
	stop     chan struct{}
	group    sync.WaitGroup
	paid     atomic.Int64

	mutex   sync.Mutex
	known   map[string]learned // by key: what is paid
	refused int
	odd     []learned
	at      []time.Time // when something was known to be paid
}

// crashPayers is how many pay at a time.
const crashPayers = 32

// startPayers has them pay between accounts of which half have little, so that refusals are among it.
func (s *twoServers) startPayers() *payers {
	s.t.Helper()
	p := &payers{twoServers: s, stop: make(chan struct{}), known: map[string]learned{}}
	p.accounts = append(s.openAll(6, "100000"), s.openAll(6, "5")...)
	for client := range crashPayers {
		p.group.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-p.stop:
					return
				default:
					p.pay(client + i)
				}
			}
		})
	}
	return p
}

func (p *payers) pay(i int) {
	from := rand.IntN(len(p.accounts))
	to := (from + 1 + rand.IntN(len(p.accounts)-1)) % len(p.accounts)
	payment := payFrom(p.accounts[from], p.accounts[to], fmt.Sprintf("%d.%02d", rand.IntN(9), 1+rand.IntN(99))).with("description", "under fire")
	answer := p.settle(i%2, "demo-owner", payment)
	p.mutex.Lock()
	defer p.mutex.Unlock()
	switch answer.code {
	case done:
		p.known[payment["idempotencyKey"].(string)] = answer
		p.at = append(p.at, time.Now())
		p.paid.Add(1)
	case "INSUFFICIENT_FUNDS":
		p.refused++
	default:
		p.odd = append(p.odd, answer)
	}
}

// until waits for so many payments more: the load is in its middle then.
func (p *payers) until(more int64) {
	p.t.Helper()
	before, deadline := p.paid.Load(), time.Now().Add(time.Minute)
	for ; p.paid.Load() < before+more; <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatal("nobody is paid any more")
		}
	}
}

// end stops the load, and holds what clients were told against what is there: each key that was acknowledged is one payment that is there, and there is no other.
func (p *payers) end(name string, hits []time.Time) {
	p.t.Helper()
	close(p.stop)
	p.group.Wait()
	keys, ids := []string{}, []string{}
	for key, answer := range p.known {
		keys, ids = append(keys, key), append(ids, answer.id)
	}
	for _, answer := range p.odd {
		p.t.Errorf("%+v", answer)
	}
	there := p.count(`SELECT count(*) FROM unnest($1::text[], $2::text[]) AS told (key, id)
		JOIN idempotency_key AS k ON k.key = told.key AND k.object_id::text = told.id
		JOIN transaction_request AS r ON r.transaction_request_id = k.object_id AND r.bank_id = k.bank_id AND r.status = 'COMPLETED'
		JOIN ledger_transaction AS l ON l.transaction_id = r.transaction_id AND l.bank_id = r.payer_bank_id`, keys, ids)
	if there != len(keys) {
		p.t.Errorf("%d payments were acknowledged, and %d are there", len(keys), there)
	}
	if all := p.count("SELECT count(*) FROM ledger_transaction WHERE description = 'under fire' AND bank_id = payer_bank_id"); all != len(keys) {
		p.t.Errorf("%d payments were acknowledged, and %d were made", len(keys), all)
	}
	p.wantBooks()
	p.t.Logf("%s: %d rounds, %d payments acknowledged, %d refused for want of money, %d asked again, none lost or doubled; outage a round: median %s, longest %s",
		name, len(hits), len(keys), p.refused, p.again.Load(), outage(p.at, hits, 2), outage(p.at, hits, 1))
}

// outage is the longest time without a payment after each hit: of all of these the longest for 1, the median for 2.
func outage(at, hits []time.Time, part int) time.Duration {
	slices.SortFunc(at, time.Time.Compare)
	var longest []time.Duration
	for i, hit := range hits {
		last, worst := hit, time.Duration(0)
		for _, paid := range at {
			if paid.Before(hit) || i+1 < len(hits) && paid.After(hits[i+1]) {
				continue
			}
			worst, last = max(worst, paid.Sub(last)), paid
		}
		longest = append(longest, worst)
	}
	slices.Sort(longest)
	if len(longest) == 0 {
		return 0
	}
	return longest[(len(longest)-1)/part].Round(time.Millisecond)
}

// TestF01AServerIsKilledInMidLoad kills one server, then both at once, then the other.
func TestF01AServerIsKilledInMidLoad(t *testing.T) {
	t.Parallel()
	p := startTwoServers(t).startPayers()
	var hits []time.Time
	for round := range *crashRounds {
		p.until(100)
		hits = append(hits, time.Now())
		victims := [][]int{{0}, {0, 1}, {1}}[round%3]
		for _, i := range victims {
			p.kill(i)
		}
		for _, i := range victims {
			p.start(i)
		}
	}
	p.until(100)
	p.end("F01, kill -9 of a server", hits)
}
