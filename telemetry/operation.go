package telemetry

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Operation is one GraphQL operation that is being watched. Its methods may be called on nil.
type Operation struct {
	telemetry        *Telemetry
	kind, name       string // name is a label
	written          string // the name as the caller wrote it, cut
	started          time.Time
	span             trace.Span
	statements, cost atomic.Int64
	once             sync.Once
}

type operationKey struct{}

// OperationFrom is the operation that the context belongs to, nil outside of one.
func OperationFrom(ctx context.Context) *Operation {
	operation, _ := ctx.Value(operationKey{}).(*Operation)
	return operation
}

// NewOperation is an operation of which nothing is known yet but that it came now.
func (t *Telemetry) NewOperation() *Operation {
	if t == nil {
		return nil
	}
	return &Operation{telemetry: t, kind: "unknown", name: unnamed, started: time.Now()}
}

// Describe says what the operation is: query, mutation or subscription, and its name. Only with mayLearn can a new name
// become a label.
func (o *Operation) Describe(kind, name string, mayLearn bool) {
	if o == nil {
		return
	}
	o.kind, o.name, o.written = kind, o.telemetry.names.label(name, mayLearn), name[:min(len(name), maxName)]
}

// Begin is the context in which the operation runs, with a span of its own.
func (o *Operation) Begin(ctx context.Context) context.Context {
	if o == nil {
		return ctx
	}
	ctx, o.span = o.telemetry.tracer.Start(ctx, o.kind+" "+o.name, trace.WithAttributes(
		attribute.String("graphql.operation.type", o.kind), attribute.String("graphql.operation.name", o.name)))
	return context.WithValue(ctx, operationKey{}, o)
}

// SetCost says what the operation costs by the rules of the graph.
func (o *Operation) SetCost(cost int) {
	if o != nil {
		o.cost.Store(int64(cost))
	}
}

// Statements is how many SQL statements the operation has sent.
func (o *Operation) Statements() int {
	if o == nil {
		return 0
	}
	return int(o.statements.Load())
}

// Batch notes that a loader read this many keys at once.
func (o *Operation) Batch(edge string, keys int) {
	if o != nil {
		o.telemetry.metrics.batches.WithLabelValues(edge).Observe(float64(keys))
	}
}

func (o *Operation) statement() {
	if o != nil {
		o.statements.Add(1)
	}
}

// Outcome is what came of an operation.
type Outcome struct {
	Caller    string         // who asked
	Codes     []string       // the codes of the answer's errors
	Arguments map[string]any // what may be shown of them
	Variables map[string]any // what may be shown of them
}

// End notes what came of an operation that was begun. Only the first call counts.
func (o *Operation) End(ctx context.Context, outcome Outcome) {
	if o == nil {
		return
	}
	o.once.Do(func() {
		status := "succeeded"
		if len(outcome.Codes) > 0 {
			status = "failed"
			o.span.SetStatus(codes.Error, "")
		}
		o.span.End()
		m := o.telemetry.metrics
		m.operations.WithLabelValues(o.kind, o.name, status).Inc()
		m.duration.WithLabelValues(o.kind, o.name).Observe(time.Since(o.started).Seconds())
		m.statements.WithLabelValues(o.kind).Observe(float64(o.statements.Load()))
		o.finish(ctx, status, outcome)
	})
}

// Refuse notes that nothing of the operation was run.
func (o *Operation) Refuse(ctx context.Context, outcome Outcome) {
	if o == nil {
		return
	}
	o.once.Do(func() {
		reason := other
		if len(outcome.Codes) > 0 {
			reason = outcome.Codes[0]
		}
		o.telemetry.Refused(reason)
		o.finish(ctx, "refused", outcome)
	})
}

// finish counts the errors and writes the one line of the operation.
func (o *Operation) finish(ctx context.Context, status string, outcome Outcome) {
	for _, code := range outcome.Codes {
		o.telemetry.metrics.errors.WithLabelValues(code).Inc()
	}
	if request := requestFrom(ctx); request != nil {
		request.seen.Store(true)
	}
	attributes := []slog.Attr{
		slog.String("operation", o.written), slog.String("type", o.kind), slog.String("caller", outcome.Caller),
		slog.Float64("durationMilliseconds", float64(time.Since(o.started).Microseconds())/1000),
		slog.String("status", status), slog.Int64("cost", o.cost.Load()), slog.Int64("statements", o.statements.Load()),
	}
	if len(outcome.Codes) > 0 {
		attributes = append(attributes, slog.Any("errors", outcome.Codes))
	}
	if len(outcome.Arguments) > 0 {
		attributes = append(attributes, slog.Any("arguments", outcome.Arguments))
	}
	if len(outcome.Variables) > 0 {
		attributes = append(attributes, slog.Any("variables", outcome.Variables))
	}
	o.telemetry.log.LogAttrs(ctx, slog.LevelInfo, "operation", attributes...)
}
