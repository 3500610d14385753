// Command bankgraph is one GraphQL API over a bank's customers, their KYC file, their accounts and their
// payments. Without arguments it serves, on a private Postgres of its own when it is given no other.
package main

import (
	"context"
	"errors"
	"fmt"
	stdlog "log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"bankgraph/auth"
	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/events"
	"bankgraph/graph"
	"bankgraph/loaders"
	"bankgraph/resolvers"
	"bankgraph/telemetry"
	"bankgraph/web"
)

// Timeouts of the HTTP server. The longest request is bounded by the door's own deadline (10 s).
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	writeTimeout      = 20 * time.Second
	idleTimeout       = 2 * time.Minute
	drainTimeout      = 15 * time.Second
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bankgraph:", err)
		var told statusError
		if errors.As(err, &told) {
			os.Exit(told.exitStatus())
		}
		os.Exit(1)
	}
}

// statusError ends the program with a status of its own, which tells it from a command that failed.
type statusError interface{ exitStatus() int }

func run(arguments []string) error {
	var program Program
	parser, err := newParser(&program)
	if err != nil {
		return err
	}
	command, err := parser.Parse(arguments)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // who asks a second time does not want to wait
	command.BindTo(ctx, (*context.Context)(nil))
	return command.Run(&program.Config)
}

func newParser(program *Program) (*kong.Kong, error) {
	return kong.New(program, kong.Name("bankgraph"), kong.Description(description),
		kong.DefaultEnvars("BANKGRAPH"), kong.UsageOnError(), limitDefaults(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
}

// Run serves until the program is told to stop.
func (c *ServeCommand) Run(ctx context.Context, config *Config) error {
	// The address comes first: when another program has it, nothing else is touched.
	listener, err := listen(ctx, c.Addr, "--addr or BANKGRAPH_ADDR")
	if err != nil {
		return err
	}
	defer listener.Close() //nolint:errcheck // the server closes it
	tuneCollector()
	log := config.logger()
	documents, err := c.documents()
	if err != nil {
		return err
	}
	watch, err := telemetry.New(ctx, telemetry.Options{Log: log, Known: documents.Knows()})
	if err != nil {
		return err
	}
	defer flush(ctx, watch, log)
	stopMetrics, err := c.serveMetrics(ctx, watch, log)
	if err != nil {
		return err
	}
	defer stopMetrics()
	database, err := openDatabase(ctx, config, log)
	if err != nil {
		return err
	}
	defer database.close(log)
	store, err := openStore(ctx, database.url, watch, log)
	if err != nil {
		return err
	}
	defer store.Close()

	verifier, err := c.verifier(ctx)
	if err != nil {
		return err
	}
	demo, err := c.startDemo(ctx, config, database, listener, store, verifier)
	if err != nil {
		return err
	}
	demo.isLocal = isLoopback(listener.Addr())
	post, err := c.Mail.post(config, listener, demo)
	if err != nil {
		return err
	}
	kept, err := c.openKept(ctx, config, database, store, post, demo.address(listener), watch, log)
	if err != nil {
		return err
	}
	defer kept.money.close() // after the requests that wait for it are answered, and before the database is gone
	news := c.Events.open(store, database.url, watch, log)
	verbs, err := c.verbs(store, post, kept, demo, watch, news)
	if err != nil {
		return err
	}
	defer news.Start(context.WithoutCancel(ctx))()                  // until the last socket is closed
	defer deliver(context.WithoutCancel(ctx), kept.outbox, verbs)() // until the last request has been answered
	defer keep(ctx, c.chores(verbs), log)()
	drain := newDrain()
	door := wiring(store, verbs, verifier, drain, watch, log)
	door.Documents = documents
	c.configure(&door)
	server := newServer(routes(parts{door, store, verbs, c.playground(demo), drain}), log)
	c.announce(os.Stdout, listener.Addr(), demo)
	err = errors.Join(serve(ctx, server, listener, database.exited(), drain, c.DrainDelay), verbs.Settle())
	log.Info("stopped")
	return err
}

// verifier believes the tokens of the identity provider, if there is one.
func (c *ServeCommand) verifier(ctx context.Context) (*auth.Verifier, error) {
	verifier := auth.NewVerifier()
	if c.OIDCIssuer == "" {
		return verifier, nil
	}
	return verifier, verifier.TrustIssuer(ctx, c.OIDCIssuer, c.OIDCAudience)
}

// openStore opens a database that is brought up to date, and watches it.
func openStore(ctx context.Context, url string, watch *telemetry.Telemetry, log *slog.Logger) (*db.Store, error) {
	store, err := db.Open(ctx, url, db.Options{Tracer: telemetry.Statements{}})
	if err != nil {
		return nil, err
	}
	if err = watch.WatchPool(store.Pool().Stat); err == nil {
		_, err = db.Migrate(ctx, url, log)
	}
	if err != nil {
		store.Close()
		return nil, err
	}
	return store, nil
}

// verbs are the bank with all that it needs.
func (c *ServeCommand) verbs(store *db.Store, post bank.Post, kept kept, demo *demo, watch *telemetry.Telemetry, news *events.Hub) (*bank.Bank, error) {
	challenges, err := c.Challenge.open(demo.development != nil, kept.money.codes)
	if err != nil {
		return nil, err
	}
	challenges.Failed = watch.ChallengeFailed
	verbs := bank.New(store).WithPost(post).WithFiles(kept.files).WithOutbox(kept.outbox).WithNews(news)
	return verbs.WithLedger(kept.money.ledger).WithCards(kept.money.cards).WithChallenges(challenges), nil
}

// tuneCollector lets garbage grow to four times of what is alive, up to a bound: a server keeps some megabytes and makes a
// hundred kilobytes a request, so that the collector would be at work most of the time. Who sets GOGC or GOMEMLIMIT decides.
func tuneCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(512 << 20)
	}
}

func (c *ServeCommand) playground(demo *demo) http.Handler {
	if !c.isOn(c.Playground) {
		return http.NotFoundHandler()
	}
	return web.Handler(func(*http.Request) web.Playground { return demo.playground() })
}

// newServer is an HTTP server with the times and the log that all of ours have.
func newServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		ErrorLog: stdlog.New(serverLog{log}, "", 0),
	}
}

// serverLog takes what net/http itself has to say. Of a panic it would print the value and the stack, which may hold
// anything; those of the graph are told by the presenter before they come here.
type serverLog struct{ *slog.Logger }

// Write logs one message.
func (l serverLog) Write(message []byte) (int, error) {
	line, _, _ := strings.Cut(string(message), "\n")
	if strings.HasPrefix(line, "http: panic serving") {
		line = "http: a handler panicked"
	}
	l.Warn(line)
	return len(message), nil
}

// wiring is what the door needs of the other rooms.
func wiring(store *db.Store, verbs *bank.Bank, verifier *auth.Verifier, drain *drain, watch *telemetry.Telemetry, log *slog.Logger) graph.Options {
	return graph.Options{
		Resolvers:   &resolvers.Resolver{Rows: store, Verbs: verbs},
		Verifier:    verifier,
		Caller:      store.Caller,
		PerResponse: func(ctx context.Context) context.Context { return loaders.With(ctx, store) },
		Ready:       loaders.OnlyReady,
		Denied:      verbs.Denied,
		Log:         log,
		Limits:      graph.DefaultLimits,
		Draining:    drain.ending,
		Telemetry:   watch,
		SocketOpened: func() func() {
			closed, release := watch.SocketOpened(), drain.hold()
			return func() { closed(); release() }
		},
	}
}

// parts are what the routes are made of.
type parts struct {
	door       graph.Options
	store      *db.Store
	verbs      *bank.Bank
	playground http.Handler
	drain      *drain
}

// routes is all that the server answers.
func routes(p parts) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/graphql", graph.Handler(p.door))
	mux.Handle("/files/", fileRoutes(p.door, p.verbs))
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "alive") })
	mux.Handle("GET /readyz", &readiness{store: p.store, drain: p.drain})
	mux.Handle("/", p.playground)
	return p.drain.closing(p.door.Telemetry.Handler(mux, "/livez", "/readyz"))
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = fmt.Fprintln(w, text) // a probe that is gone needs no answer
}

// serve answers until ctx ends or the database is gone, then for the delay, then lets running requests finish.
func serve(ctx context.Context, server *http.Server, listener net.Listener, databaseGone <-chan struct{}, drain *drain, delay time.Duration) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	var reason error
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-databaseGone:
		reason = errors.New("the private Postgres stopped by itself: its log is postgres.log in the data directory")
		delay = 0 // nothing could be answered
	case <-ctx.Done():
	}
	drain.start(delay)
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	err := server.Shutdown(limit)
	drain.wait(limit)
	return errors.Join(reason, err)
}

// listen takes an address; flag is how to choose another.
func listen(ctx context.Context, address, flag string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("the address %s is taken by another program: stop it, or choose another address with %s", address, flag)
	case err != nil:
		return nil, fmt.Errorf("listen at %s: %w", address, err)
	}
	return listener, nil
}
