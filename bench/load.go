package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
)

// load is what one server is asked in one round.
type load struct {
	target    target
	customers *library
	workload  string
	clients   int
	duration  time.Duration
	seed      uint64 // the same customers for each server
}

// result is what came of it.
type result struct {
	latencies        []time.Duration
	bytes            int64
	took             time.Duration
	server, database time.Duration
}

func (r result) perSecond() float64 { return float64(len(r.latencies)) / r.took.Seconds() }

// latency is a quantile in milliseconds.
func (r result) latency(quantile float64) float64 {
	return float64(r.latencies[int(quantile*float64(len(r.latencies)-1))]) / float64(time.Millisecond)
}

// each is the part of one request, in milliseconds.
func (r result) each(all time.Duration) float64 {
	return all.Seconds() * 1000 / float64(len(r.latencies))
}

// ask runs a load. Each client asks anew as soon as it has its answer.
func ask(ctx context.Context, l load, database int) (result, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: l.clients, DisableCompression: true}}
	defer client.CloseIdleConnections()
	before, beforeDatabase := processorTime(l.target.pid), processorTime(database)
	started := time.Now()
	var lock sync.Mutex
	var all result
	var failures []error
	var group sync.WaitGroup
	for number := range l.clients {
		group.Go(func() {
			chance := rand.New(rand.NewPCG(l.seed, uint64(number))) //nolint:gosec // the same for each server
			var latencies []time.Duration
			var bytes int64
			var err error
			for err == nil && time.Since(started) < l.duration {
				var n int64
				begun := time.Now()
				n, err = once(ctx, client, l, l.customers.pick(chance), io.Discard)
				latencies, bytes = append(latencies, time.Since(begun)), bytes+n
			}
			lock.Lock()
			defer lock.Unlock()
			all.latencies, all.bytes, failures = append(all.latencies, latencies...), all.bytes+bytes, append(failures, err)
		})
	}
	group.Wait()
	all.took = time.Since(started)
	all.server, all.database = processorTime(l.target.pid)-before, processorTime(database)-beforeDatabase
	slices.Sort(all.latencies)
	return all, errors.Join(failures...)
}

// once asks one question, and copies the answer.
func once(ctx context.Context, client *http.Client, l load, p pick, to io.Writer) (int64, error) {
	request, err := l.target.ask(ctx, l.workload, p)
	if err != nil {
		return 0, err
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close() //nolint:errcheck // it was read to its end
	n, err := io.Copy(to, response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("the answer has status %d", response.StatusCode)
	}
	return n, err
}

// sameAnswers holds the answers of all servers against each other, so that nobody is fast because it does less.
func sameAnswers(ctx context.Context, l *library, targets []target) error {
	chance := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // any customers will do
	for i := range 20 {
		p, workload := l.pick(chance), []string{one, pageOf50}[i%2]
		var want any
		for _, t := range targets {
			var body collector
			if _, err := once(ctx, http.DefaultClient, load{target: t, workload: workload}, p, &body); err != nil {
				return fmt.Errorf("%s: %w: %.500s", t.name, err, body)
			}
			got, err := body.customers()
			if err != nil {
				return fmt.Errorf("%s: %w: %.500s", t.name, err, body)
			}
			if t.name == limitName {
				want = got
			} else if difference := cmp.Diff(want, got); difference != "" {
				return fmt.Errorf("%s and %s do not answer the same for %s of %s:\n%.4000s", limitName, t.name, workload, p.Number, difference)
			}
		}
	}
	return nil
}

// collector is the text of an answer.
type collector []byte

func (c *collector) Write(text []byte) (int, error) {
	*c = append(*c, text...)
	return len(text), nil
}

// customers are the customers in an answer, with one spelling for what has several.
func (c *collector) customers() (any, error) {
	var body any
	if err := json.Unmarshal(*c, &body); err != nil {
		return nil, err
	}
	if answer, isGraph := body.(map[string]any); isGraph {
		if answer["errors"] != nil {
			return nil, errors.New("it has errors")
		}
		found, _ := answer["data"].(map[string]any)["found"].(map[string]any)
		if nodes, isPage := found["nodes"].([]any); isPage {
			return normal("", nodes), nil
		}
		return normal("", []any{found}), nil
	}
	return normal("", body), nil
}

func normal(name string, value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			value[key] = normal(key, inner)
		}
	case []any:
		for i := range value {
			value[i] = normal("", value[i])
		}
	case string:
		if instant, err := time.Parse(time.RFC3339Nano, value); err == nil {
			return instant.UTC().Format(time.RFC3339Nano)
		}
		if number, err := decimal.NewFromString(value); err == nil && name == "amount" {
			return number.String() // the graph writes as many decimals as the currency has
		}
	}
	return value
}
