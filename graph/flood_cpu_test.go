//go:build unix

package graph

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

var keepTable = flag.String("keep-flood", "", "where BenchmarkHostileRequests keeps its table")

// used is how much of the processor the program has had, in all threads.
func used() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// measured is what one request takes.
type measured struct {
	name              string
	cpu               time.Duration
	taken, sent, back int
	outcome           string
}

// measure gives the median of some runs, each at a new door that has kept nothing, without the garbage of those before it.
func measure(request hostile, runs int) measured {
	m := measured{name: request.name, sent: len(request.body)}
	var times []time.Duration
	for range runs {
		door := emptyDoor(&bytes.Buffer{}, unlimitedBudget)
		post(door, document("", "{ __typename }").body) // what is made only once
		runtime.GC()
		started, before := used(), allocated()
		answer := post(door, request.body)
		times = append(times, used()-started)
		m.taken, m.back, m.outcome = int(allocated()-before), answer.Body.Len(), cmp.Or(outcome(answer.Body.Bytes()), "answered")
	}
	slices.Sort(times)
	m.cpu = times[len(times)/2]
	return m
}

// BenchmarkHostileRequests prints what each request of the catalogue takes of the processor, the dearest first:
// go test ./graph -run '^$' -bench HostileRequests -keep-flood ../bench/results/flood.txt
func BenchmarkHostileRequests(b *testing.B) {
	for b.Loop() {
		var all []measured
		for _, request := range hostileRequests() {
			all = append(all, measure(request, 5))
		}
		slices.SortFunc(all, func(a, b measured) int { return cmp.Compare(b.cpu, a.cpu) })
		var table strings.Builder
		fmt.Fprintf(&table, "%d requests, the median of 5 runs each; %s, %s/%s\n\n%10s %10s %10s %10s  %-26s %s\n", len(all), runtime.Version(), runtime.GOOS, runtime.GOARCH,
			"CPU ms", "taken KiB", "sent B", "answer B", "outcome", "request")
		for _, m := range all {
			fmt.Fprintf(&table, "%10.2f %10d %10d %10d  %-26s %s\n", float64(m.cpu.Microseconds())/1000, m.taken>>10, m.sent, m.back, m.outcome, m.name)
		}
		b.Log("\n" + table.String())
		if *keepTable != "" {
			if err := os.MkdirAll(filepath.Dir(*keepTable), 0o750); err != nil {
				b.Fatal(err)
			}
			if err := os.WriteFile(*keepTable, []byte(table.String()), 0o600); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkSearch looks for a worse document than those that are known, by changing random ones. What it finds goes to
// randomRequests: go test ./graph -run '^$' -bench Search -benchtime 2000x -v
func BenchmarkSearch(b *testing.B) {
	chance := rand.New(rand.NewPCG(uint64(b.N), 1))
	best, worst := shape{Operations: 1, Fields: 10, Names: 8, Levels: 3}, measured{}
	for i := 0; b.Loop(); i++ {
		next := best.changed(chance)
		if i%40 == 0 {
			next = shape{Seed: chance.Uint64() % 1000}.changed(chance).changed(chance).changed(chance).changed(chance)
		}
		text := next.document()
		if len(text) > 200_000 {
			continue
		}
		m := measure(document("", text), 1)
		// What the limits refuse is as dear as its parser; the question is what they let through.
		if m.cpu > worst.cpu && m.outcome != "GRAPHQL_LIMIT_EXCEEDED" {
			if m = measure(document("", text), 3); m.cpu > worst.cpu {
				best, worst = next, m
				b.Logf("%v %d KiB %s %+v", m.cpu, m.taken>>10, m.outcome, next)
			}
		}
	}
}
