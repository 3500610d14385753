package telemetry

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Statements sees the SQL statements of a pool: it counts them into the operation that sends them, and makes a span of
// each where there is one above it. A span has the verb and the table, and of a failure the SQLSTATE: the text has values in
// it, and so do the database's messages.
type Statements struct{}

var _ interface {
	pgx.QueryTracer
	pgx.BatchTracer
	pgx.CopyFromTracer
} = Statements{}

// statementKey marks a context whose span is that of a statement, so that the end of one that has none ends no other.
type statementKey struct{}

func (Statements) start(ctx context.Context, name func() (verb, table string), attributes ...attribute.KeyValue) context.Context {
	above := trace.SpanFromContext(ctx)
	if !above.IsRecording() {
		return ctx
	}
	verb, table := name()
	title := verb
	attributes = append(attributes, attribute.String("db.system.name", "postgresql"), attribute.String("db.operation.name", verb))
	if table != "" {
		title += " " + table
		attributes = append(attributes, attribute.String("db.collection.name", table))
	}
	ctx, span := above.TracerProvider().Tracer(scope).Start(ctx, title, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attributes...))
	return context.WithValue(ctx, statementKey{}, span)
}

func (Statements) end(ctx context.Context, err error) {
	span, ok := ctx.Value(statementKey{}).(trace.Span)
	if !ok {
		return
	}
	if err != nil {
		fail(span, err)
	}
	span.End()
}

// fail says that a statement failed, in the database's code and without its words.
func fail(span trace.Span, err error) {
	span.SetStatus(codes.Error, "")
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		span.SetAttributes(attribute.String("db.response.status_code", refused.Code))
	}
}

// TraceQueryStart sees the beginning of a statement.
func (s Statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	OperationFrom(ctx).statement()
	return s.start(ctx, func() (string, string) { return summarize(data.SQL) })
}

// TraceQueryEnd sees its end.
func (s Statements) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	s.end(ctx, data.Err)
}

// TraceBatchStart sees the beginning of statements that are sent together.
func (s Statements) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	return s.start(ctx, func() (string, string) { return "BATCH", "" }, attribute.Int("db.operation.batch.size", data.Batch.Len()))
}

// TraceBatchQuery sees one of them.
func (s Statements) TraceBatchQuery(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchQueryData) {
	OperationFrom(ctx).statement()
	s.end(s.start(ctx, func() (string, string) { return summarize(data.SQL) }), data.Err)
}

// TraceBatchEnd sees the end of all.
func (s Statements) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchEndData) {
	s.end(ctx, data.Err)
}

// TraceCopyFromStart sees the beginning of a bulk load.
func (s Statements) TraceCopyFromStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceCopyFromStartData) context.Context {
	OperationFrom(ctx).statement()
	return s.start(ctx, func() (string, string) { return "COPY", data.TableName[len(data.TableName)-1] })
}

// TraceCopyFromEnd sees its end.
func (s Statements) TraceCopyFromEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceCopyFromEndData) {
	s.end(ctx, data.Err)
}
