package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"

	"bankgraph/auth"
	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/graph"
	"bankgraph/loaders"
	"bankgraph/resolvers"
	"bankgraph/telemetry"
)

// counter counts SQL statements and the round trips that carry them.
type counter struct{ statements, trips atomic.Int64 }

var _ interface {
	pgx.QueryTracer
	pgx.BatchTracer
} = &counter{}

// TraceQueryStart counts a statement that goes alone.
func (c *counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.statements.Add(1)
	c.trips.Add(1)
	return ctx
}

// TraceQueryEnd is not needed.
func (*counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart counts a batch.
func (c *counter) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	c.trips.Add(1)
	return ctx
}

// TraceBatchQuery counts a statement of a batch.
func (c *counter) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {
	c.statements.Add(1)
}

// TraceBatchEnd is not needed.
func (*counter) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// served is a server inside this program, which is asked without a network.
type served struct {
	name    string
	handler http.Handler
	ask     asker
	sent    *counter
}

// watched is the tracer of a server that is measured as it runs: it counts here, and for the server's own metrics.
type watched struct {
	*counter
	telemetry.Statements
}

var _ interface {
	pgx.QueryTracer
	pgx.BatchTracer
} = watched{}

// TraceQueryStart counts a statement that goes alone.
func (w watched) TraceQueryStart(ctx context.Context, c *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	return w.Statements.TraceQueryStart(w.counter.TraceQueryStart(ctx, c, data), c, data)
}

// TraceQueryEnd sees its end.
func (w watched) TraceQueryEnd(ctx context.Context, c *pgx.Conn, data pgx.TraceQueryEndData) {
	w.Statements.TraceQueryEnd(ctx, c, data)
}

// TraceBatchStart counts a batch.
func (w watched) TraceBatchStart(ctx context.Context, c *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	return w.Statements.TraceBatchStart(w.counter.TraceBatchStart(ctx, c, data), c, data)
}

// TraceBatchQuery counts a statement of a batch.
func (w watched) TraceBatchQuery(ctx context.Context, c *pgx.Conn, data pgx.TraceBatchQueryData) {
	w.counter.TraceBatchQuery(ctx, c, data)
	w.Statements.TraceBatchQuery(ctx, c, data)
}

// TraceBatchEnd sees the end of all.
func (w watched) TraceBatchEnd(ctx context.Context, c *pgx.Conn, data pgx.TraceBatchEndData) {
	w.Statements.TraceBatchEnd(ctx, c, data)
}

// openGraph is the door as the program opens it, with the log and the metrics that it has there; the lines of the log are
// made and thrown away.
func openGraph(ctx context.Context, o options, url string, l *library) (served, func(), error) {
	sent := &counter{}
	log := slog.New(telemetry.NewLogHandler(slog.NewTextHandler(io.Discard, nil), graph.PersonalNames()))
	watch, err := telemetry.New(ctx, telemetry.Options{Log: log})
	if err != nil {
		return served{}, nil, err
	}
	store, err := db.Open(ctx, url, db.Options{Tracer: watched{counter: sent}})
	if err != nil {
		return served{}, nil, err
	}
	development, err := auth.OpenDevelopment(o.dataDir)
	if err != nil {
		return served{}, nil, err
	}
	verifier := auth.NewVerifier()
	verifier.TrustKeys(auth.DevelopmentIssuer, auth.Audience, development.Keys())
	token, err := adminToken(o)
	limits := graph.DefaultLimits
	limits.Budget, limits.Restore = 1_000_000_000, 100_000_000
	handler := graph.Handler(graph.Options{
		Resolvers: &resolvers.Resolver{Rows: store, Verbs: bank.New(store)}, Verifier: verifier, Caller: store.Caller,
		PerResponse: func(ctx context.Context) context.Context { return loaders.With(ctx, store) },
		Ready:       loaders.OnlyReady,
		Log:         log, Limits: limits, Telemetry: watch,
	})
	return served{graphName, watch.Handler(handler), askGraph(l, "http://bench", token), sent}, store.Close, err
}

// fromInside counts what a request allocates and sends, in this program.
func fromInside(ctx context.Context, o options, url string, l *library, report io.Writer) error {
	ours, stop, err := openGraph(ctx, o, url, l)
	if err != nil {
		return err
	}
	defer stop()
	all := []served{}
	for _, kind := range []string{limitName, batchName} {
		sent := &counter{}
		pool, err := openPool(ctx, url, sent)
		if err != nil {
			return err
		}
		defer pool.Close()
		all = append(all, served{kind, baselines[kind](pool), askBaseline("http://bench"), sent})
	}
	all = append(all, ours)
	fmt.Fprint(report, "\nPer request, without a network, one after the other\n\n")
	table := tabwriter.NewWriter(report, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "workload\tserver\tstatements\tround trips\tmallocs\tKiB allocated\t")
	for _, workload := range []string{one, pageOf50} {
		for _, s := range all {
			if err := count(ctx, s, l, workload, table); err != nil {
				return err
			}
		}
	}
	return table.Flush()
}

// count asks some requests one after the other.
func count(ctx context.Context, s served, l *library, workload string, table io.Writer) error {
	const requests = 200
	chance := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // the same for each server
	for range requests {                  // connections, statements and caches
		if err := s.once(ctx, workload, l.pick(chance)); err != nil {
			return err
		}
	}
	statements, trips := s.sent.statements.Load(), s.sent.trips.Load()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range requests {
		if err := s.once(ctx, workload, l.pick(chance)); err != nil {
			return err
		}
	}
	runtime.ReadMemStats(&after)
	fmt.Fprintf(table, "%s\t%s\t%.1f\t%.1f\t%d\t%d\t\n", workload, s.name,
		float64(s.sent.statements.Load()-statements)/requests, float64(s.sent.trips.Load()-trips)/requests,
		(after.Mallocs-before.Mallocs)/requests, (after.TotalAlloc-before.TotalAlloc)/requests>>10)
	return nil
}

// nowhere takes an answer and keeps its status.
type nowhere struct {
	header http.Header
	status int
}

// Header is kept, and not sent.
func (n *nowhere) Header() http.Header { return n.header }

// WriteHeader keeps the status.
func (n *nowhere) WriteHeader(status int) { n.status = status }

// Write drops the text.
func (*nowhere) Write(text []byte) (int, error) { return len(text), nil }

func (s served) once(ctx context.Context, workload string, p pick) error {
	request, err := s.ask(ctx, workload, p)
	if err != nil {
		return err
	}
	answer := &nowhere{header: http.Header{}, status: http.StatusOK}
	s.handler.ServeHTTP(answer, request)
	if answer.status != http.StatusOK {
		return fmt.Errorf("%s answers with status %d", s.name, answer.status)
	}
	return nil
}

// profile runs our server inside this program, and writes where its processor time goes.
func profile(ctx context.Context, o options, url string, l *library) error {
	s, stop, err := openGraph(ctx, o, url, l)
	if err != nil {
		return err
	}
	defer stop()
	debug.SetGCPercent(400) // as the program does when it serves
	workload := pageOf50
	if o.workload != "" {
		workload = o.workload
	}
	file, err := os.Create(o.profile)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // a profile that is cut short says so when it is read
	if err := pprof.StartCPUProfile(file); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	var asked atomic.Int64
	var group sync.WaitGroup
	started := time.Now()
	for number := range 4 {
		group.Go(func() {
			chance := rand.New(rand.NewPCG(5, uint64(number))) //nolint:gosec // any customers will do
			for time.Since(started) < 5*o.round && s.once(ctx, workload, l.pick(chance)) == nil {
				asked.Add(1)
			}
		})
	}
	group.Wait()
	fmt.Printf("%d requests of %s in %v\n", asked.Load(), workload, time.Since(started).Round(time.Millisecond))
	if o.memory == "" {
		return nil
	}
	allocated, err := os.Create(o.memory)
	if err != nil {
		return err
	}
	defer allocated.Close() //nolint:errcheck // a profile that is cut short says so when it is read
	return pprof.Lookup("allocs").WriteTo(allocated, 0)
}
