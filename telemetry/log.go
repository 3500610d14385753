package telemetry

import (
	"context"
	"log/slog"
	"reflect"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// redacted stands where something personal would.
const redacted = "[redacted]"

// logHandler adds to every line to which request and trace it belongs, and takes out what is personal.
type logHandler struct {
	inner    slog.Handler
	personal map[string]bool
	isHidden bool // all that follows is in a group that is personal
}

// NewLogHandler makes a handler that hides the values of the attributes with these names, also inside groups and maps. It
// hides whole structs, too: what their fields are called is nobody's decision. This is the second wall; the first is not
// to log what is personal.
func NewLogHandler(inner slog.Handler, personal []string) slog.Handler {
	h := logHandler{inner: inner, personal: map[string]bool{}}
	for _, name := range personal {
		h.personal[plainName(name)] = true
	}
	return h
}

// withoutSigns is made once: each name of each line goes through it.
var withoutSigns = strings.NewReplacer("_", "", "-", "")

// plainName makes legalName, legal_name and Legal-Name one.
func plainName(name string) string { return withoutSigns.Replace(strings.ToLower(name)) }

// Enabled asks the inner handler.
func (h logHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.inner.Enabled(ctx, level)
}

// Handle writes a line.
func (h logHandler) Handle(ctx context.Context, record slog.Record) error {
	shown := slog.NewRecord(record.Time, record.Level, record.Message, record.PC)
	if id := RequestID(ctx); id != "" {
		shown.AddAttrs(slog.String("requestId", id))
	}
	if request := requestFrom(ctx); request != nil && request.correlation != "" {
		shown.AddAttrs(slog.String("correlationId", request.correlation))
	}
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		shown.AddAttrs(slog.String("traceId", span.TraceID().String()), slog.String("spanId", span.SpanID().String()))
	}
	record.Attrs(func(attribute slog.Attr) bool {
		if attribute.Key == "correlationId" && requestFrom(ctx) != nil && requestFrom(ctx).correlation != "" {
			return true // it is there already
		}
		shown.AddAttrs(h.attribute(attribute))
		return true
	})
	return h.inner.Handle(ctx, shown)
}

// WithAttrs is a handler that adds attributes to each line.
func (h logHandler) WithAttrs(attributes []slog.Attr) slog.Handler {
	shown := make([]slog.Attr, len(attributes))
	for i, attribute := range attributes {
		shown[i] = h.attribute(attribute)
	}
	h.inner = h.inner.WithAttrs(shown)
	return h
}

// WithGroup is a handler that puts what follows into a group.
func (h logHandler) WithGroup(name string) slog.Handler {
	h.isHidden = h.isHidden || h.personal[plainName(name)]
	h.inner = h.inner.WithGroup(name)
	return h
}

func (h logHandler) attribute(attribute slog.Attr) slog.Attr {
	if h.isHidden || h.personal[plainName(attribute.Key)] {
		return slog.String(attribute.Key, redacted)
	}
	return slog.Attr{Key: attribute.Key, Value: h.value(attribute.Value.Resolve())}
}

func (h logHandler) value(value slog.Value) slog.Value {
	switch value.Kind() {
	case slog.KindGroup:
		shown := make([]slog.Attr, len(value.Group()))
		for i, inner := range value.Group() {
			shown[i] = h.attribute(inner)
		}
		return slog.GroupValue(shown...)
	case slog.KindAny:
		return slog.AnyValue(h.any(value.Any()))
	default:
		return value
	}
}

// any is a value as it may be shown: texts, numbers, errors, and lists and maps of them.
func (h logHandler) any(value any) any {
	switch value := value.(type) {
	case nil:
		return nil
	case error:
		return value.Error()
	case slog.LogValuer:
		return h.value(value.LogValue().Resolve()).Any()
	}
	switch v := reflect.ValueOf(value); v.Kind() {
	case reflect.Map:
		shown := make(map[string]any, v.Len())
		for entries := v.MapRange(); entries.Next(); {
			name := entries.Key().String() // of another key than a text it is its type, which is shown no value either
			if h.personal[plainName(name)] || entries.Key().Kind() != reflect.String {
				shown[name] = redacted
			} else {
				shown[name] = h.any(entries.Value().Interface())
			}
		}
		return shown
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return redacted // bytes can be anything
		}
		shown := make([]any, v.Len())
		for i := range shown {
			shown[i] = h.any(v.Index(i).Interface())
		}
		return shown
	case reflect.String:
		return v.String()
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return value
	default:
		return redacted
	}
}
