package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// scope names who makes the spans that are ours.
const scope = "bankgraph/telemetry"

// newProvider makes spans for an exporter, or for the one that the environment names; nil when there is none.
func newProvider(ctx context.Context, exporter sdktrace.SpanExporter, environment func(string) string, log *slog.Logger) (*sdktrace.TracerProvider, error) {
	var processor sdktrace.TracerProviderOption
	switch {
	case exporter != nil:
		processor = sdktrace.WithSyncer(impersonal{exporter})
	case wanted(environment):
		sender, err := otlptracehttp.New(ctx)
		if err != nil {
			return nil, fmt.Errorf("prepare to send traces: %w", err)
		}
		processor = sdktrace.WithBatcher(impersonal{sender})
		// Without this the library prints to standard error, in a form of its own.
		otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("traces are not sent", "error", err.Error()) }))
	default:
		return nil, nil
	}
	version, _, _ := build()
	description, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", namespace), attribute.String("service.version", version)),
		resource.WithTelemetrySDK(),
		resource.WithFromEnv()) // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win
	if err != nil {
		return nil, fmt.Errorf("read OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	return sdktrace.NewTracerProvider(processor, sdktrace.WithResource(description)), nil
}

// wanted says whether the environment names a place for traces, in the variables of the OpenTelemetry specification.
func wanted(environment func(string) string) bool {
	if strings.EqualFold(environment("OTEL_SDK_DISABLED"), "true") || environment("OTEL_TRACES_EXPORTER") == "none" {
		return false
	}
	return environment("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || environment("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != ""
}

// shownAttributes are all that a span may carry. Libraries add what callers chose, such as the path and the user agent, and
// who they are, such as the network address.
var shownAttributes = map[attribute.Key]bool{
	"http.request.method": true, "http.response.status_code": true, "http.route": true, "url.scheme": true, "network.protocol.version": true,
	"graphql.operation.type": true, "graphql.operation.name": true,
	"db.system.name": true, "db.operation.name": true, "db.collection.name": true, "db.operation.batch.size": true, "db.response.status_code": true,
}

// impersonal sends spans on without what is not on the list. Events go altogether: a panic writes its message there.
type impersonal struct{ sdktrace.SpanExporter }

// ExportSpans sends spans on.
func (e impersonal) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	shown := make([]sdktrace.ReadOnlySpan, len(spans))
	for i, span := range spans {
		shown[i] = impersonalSpan{span}
	}
	return e.SpanExporter.ExportSpans(ctx, shown)
}

type impersonalSpan struct{ sdktrace.ReadOnlySpan }

// Attributes are those on the list.
func (s impersonalSpan) Attributes() []attribute.KeyValue {
	var shown []attribute.KeyValue
	for _, entry := range s.ReadOnlySpan.Attributes() {
		if shownAttributes[entry.Key] {
			shown = append(shown, entry)
		}
	}
	return shown
}

// Events are none.
func (impersonalSpan) Events() []sdktrace.Event { return nil }
