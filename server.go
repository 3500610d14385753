// Command bankgraph is one GraphQL API over a bank's customers, their KYC file, their accounts and their
// payments. Without arguments it serves, on a private Postgres of its own when it is given no other.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"bankgraph/auth"
	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/graph"
	"bankgraph/loaders"
	"bankgraph/resolvers"
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
		os.Exit(1)
	}
}

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
	listener, err := listen(ctx, c.Addr)
	if err != nil {
		return err
	}
	defer listener.Close() //nolint:errcheck // the server closes it
	log := config.logger()
	database, err := openDatabase(ctx, config, log)
	if err != nil {
		return err
	}
	defer database.close(log)
	store, err := db.Open(ctx, database.url, db.Options{})
	if err != nil {
		return err
	}
	defer store.Close()
	if _, err := db.Migrate(ctx, database.url, log); err != nil {
		return err
	}

	verifier := auth.NewVerifier()
	if c.OIDCIssuer != "" {
		if err := verifier.TrustIssuer(ctx, c.OIDCIssuer, c.OIDCAudience); err != nil {
			return err
		}
	}
	demo, err := c.startDemo(ctx, config, database, listener, store, verifier)
	if err != nil {
		return err
	}
	demo.isLocal = isLoopback(listener.Addr())
	door := wiring(store, verifier, log)
	if err := c.configure(&door); err != nil {
		return err
	}
	playground := http.NotFoundHandler()
	if c.isOn(c.Playground) {
		playground = web.Handler(func(*http.Request) web.Playground { return demo.playground() })
	}
	var draining atomic.Bool
	server := &http.Server{
		Handler:           routes(door, store, playground, &draining),
		ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	c.announce(os.Stdout, listener.Addr(), demo)
	err = serve(ctx, server, listener, database.exited(), &draining)
	log.Info("stopped")
	return err
}

// wiring is what the door needs of the other rooms.
func wiring(store *db.Store, verifier *auth.Verifier, log *slog.Logger) graph.Options {
	return graph.Options{
		Resolvers:   &resolvers.Resolver{Rows: store, Verbs: bank.New(store)},
		Verifier:    verifier,
		Caller:      store.Caller,
		PerResponse: func(ctx context.Context) context.Context { return loaders.With(ctx, store) },
		Ready:       loaders.OnlyReady,
		Log:         log,
		Limits:      graph.DefaultLimits,
	}
}

// routes is all that the server answers.
func routes(door graph.Options, store *db.Store, playground http.Handler, draining *atomic.Bool) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/graphql", graph.Handler(door))
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "alive") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), time.Second)
		defer cancel()
		switch {
		case draining.Load():
			answer(w, http.StatusServiceUnavailable, "draining")
		case store.Ping(ctx) != nil:
			answer(w, http.StatusServiceUnavailable, "the database does not answer")
		default:
			answer(w, http.StatusOK, "ready")
		}
	})
	mux.Handle("/", playground)
	return mux
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = fmt.Fprintln(w, text) // a probe that is gone needs no answer
}

// serve answers until ctx ends or the database is gone, then lets running requests finish.
func serve(ctx context.Context, server *http.Server, listener net.Listener, databaseGone <-chan struct{}, draining *atomic.Bool) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	var reason error
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-databaseGone:
		reason = errors.New("the private Postgres stopped by itself: its log is postgres.log in the data directory")
	case <-ctx.Done():
	}
	draining.Store(true)
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	return errors.Join(reason, server.Shutdown(drain))
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("the address %s is taken by another program: stop it, or choose another address with --addr or BANKGRAPH_ADDR", address)
	case err != nil:
		return nil, fmt.Errorf("listen at %s: %w", address, err)
	}
	return listener, nil
}
