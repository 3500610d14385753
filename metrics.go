package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"bankgraph/telemetry"
)

// flushTimeout is how long the last spans may take to be sent.
const flushTimeout = 5 * time.Second

// serveMetrics answers /metrics on an address of its own, when there is one, until stop is called.
func (c *ServeCommand) serveMetrics(ctx context.Context, watch *telemetry.Telemetry, log *slog.Logger) (stop func(), err error) {
	if c.MetricsAddr == "" {
		return func() {}, nil
	}
	listener, err := listen(ctx, c.MetricsAddr, "--metrics-addr or BANKGRAPH_METRICS_ADDR")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", watch.MetricsHandler())
	server := newServer(mux, log)
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("metrics are not served", "error", err.Error())
		}
	}()
	log.Info("metrics are served", "listener", listener.Addr().String())
	return func() { _ = server.Close() }, nil // a scrape that is cut off comes again
}

// flush sends the last spans.
func flush(ctx context.Context, watch *telemetry.Telemetry, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTimeout)
	defer cancel()
	if err := watch.Shutdown(ctx); err != nil {
		log.Warn("the last traces are not sent", "error", err.Error())
	}
}
