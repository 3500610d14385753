// Package telemetry is how the server is seen from outside: metrics, traces and the log. It knows neither the
// graph nor the rows; they tell it what happens.
//
// What always holds: no text of a document, no variable, no SQL text and no argument of a statement becomes a label
// or part of a span; every label has a bounded number of values; and all methods may be called on nothing (nil), which
// then watches nothing.
package telemetry

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Options are what differs between programs.
type Options struct {
	// Log gets one line an operation; nil for none.
	Log *slog.Logger
	// Known says which names of operations are labels. Without it the first names that users send are, up to a bound.
	Known func(name string) bool
	// Exporter gets the spans as soon as they end; nil for the one that the environment names, if any.
	Exporter sdktrace.SpanExporter
}

// Telemetry watches one server.
type Telemetry struct {
	log      *slog.Logger
	names    *names
	metrics  *metrics
	registry *prometheus.Registry
	provider *sdktrace.TracerProvider // nil when nobody wants spans
	tracer   trace.Tracer
}

// New is a Telemetry with a registry of its own. It sends spans when the environment says where to
// (OTEL_EXPORTER_OTLP_ENDPOINT and its kin).
func New(ctx context.Context, options Options) (*Telemetry, error) {
	t := &Telemetry{log: options.Log, names: newNames(options.Known), registry: prometheus.NewRegistry()}
	if t.log == nil {
		t.log = slog.New(slog.DiscardHandler)
	}
	t.metrics = newMetrics(t.registry)
	var err error
	if t.provider, err = newProvider(ctx, options.Exporter, os.Getenv, t.log); err != nil {
		return nil, err
	}
	t.tracer = t.tracerProvider().Tracer(scope)
	return t, nil
}

// Shutdown sends the spans that were not sent yet.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	if t == nil || t.provider == nil {
		return nil
	}
	return errors.Join(t.provider.ForceFlush(ctx), t.provider.Shutdown(ctx))
}

// MetricsHandler answers with all metrics. They are for operators: it belongs on an address that the public cannot reach.
func (t *Telemetry) MetricsHandler() http.Handler {
	return promhttp.HandlerFor(t.registry, promhttp.HandlerOpts{ErrorLog: slog.NewLogLogger(t.log.Handler(), slog.LevelWarn)})
}

// ChallengeFailed counts an answer to a challenge that was not accepted.
func (t *Telemetry) ChallengeFailed() {
	if t != nil {
		t.metrics.challenges.Inc()
	}
}

// Registry has all metrics.
func (t *Telemetry) Registry() *prometheus.Registry { return t.registry }

func (t *Telemetry) tracerProvider() trace.TracerProvider {
	if t.provider == nil {
		return noop.NewTracerProvider()
	}
	return t.provider
}

// build is what the program was made from, as far as the compiler noted it.
func build() (version, revision, goVersion string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "", "", ""
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			revision = setting.Value
		}
	}
	return info.Main.Version, revision, info.GoVersion
}
