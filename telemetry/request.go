package telemetry

import (
	"context"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"sync/atomic"

	"github.com/felixge/httpsnoop"
	"github.com/google/uuid"
	"github.com/mr-tron/base58"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
)

// requestHeader carries the identifier of a request in both directions.
const requestHeader = "X-Request-Id"

// requestForm is what an identifier of somebody else must look like, to be worth keeping.
var requestForm = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// request is what is known of an HTTP request.
type request struct {
	id          string
	correlation string      // what the caller is told, when it is another
	reason      string      // why it is refused, as the caller is told
	seen        atomic.Bool // whether a line of the log tells of it
}

// Correlate notes the identifier that the caller is told of their request; it is in the log when it is not the request's own.
func Correlate(ctx context.Context, correlation string) {
	if found := requestFrom(ctx); found != nil && found.id != correlation {
		found.correlation = correlation
	}
}

// Explain notes the code with which a request is refused that does not become an operation.
func Explain(ctx context.Context, code string) {
	if found := requestFrom(ctx); found != nil {
		found.reason = code
	}
}

type requestKey struct{}

func requestFrom(ctx context.Context) *request {
	found, _ := ctx.Value(requestKey{}).(*request)
	return found
}

// RequestID is the identifier of the HTTP request that the context belongs to, empty outside of one. A socket has one
// for all that is asked over it.
func RequestID(ctx context.Context) string {
	if found := requestFrom(ctx); found != nil {
		return found.id
	}
	return ""
}

// NewRequestID is a new identifier, such as req_2BQ8xVh3XbTnqcbXJ1nVEk.
func NewRequestID() string {
	id := uuid.New()
	return "req_" + base58.Encode(id[:])
}

// Handler gives every request its identifier, the caller's own when it is well formed, and a span that
// continues the caller's trace. The paths in quiet, which probes ask all the time, have no span.
func (t *Telemetry) Handler(next http.Handler, quiet ...string) http.Handler {
	if t == nil {
		return next
	}
	// Baggage would be anybody's text in our spans and in what we send on: only the trace itself is taken over.
	traced := otelhttp.NewMiddleware("",
		otelhttp.WithTracerProvider(t.tracerProvider()), otelhttp.WithMeterProvider(metricnoop.NewMeterProvider()),
		otelhttp.WithPropagators(propagation.TraceContext{}),
		otelhttp.WithFilter(func(r *http.Request) bool { return !slices.Contains(quiet, r.URL.Path) }),
	)(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(requestHeader)
		if !requestForm.MatchString(id) {
			id = NewRequestID()
		}
		w.Header().Set(requestHeader, id)
		traced.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestKey{}, &request{id: id})))
	})
}

// Refusals counts the requests that next refuses before they become an operation, such as those with a token
// that does not hold, and writes one line for each.
func (t *Telemetry) Refusals(next http.Handler) http.Handler {
	if t == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := 0
		// The hook keeps what else the writer can do, which sockets and event streams need.
		next.ServeHTTP(httpsnoop.Wrap(w, httpsnoop.Hooks{WriteHeader: func(write httpsnoop.WriteHeaderFunc) httpsnoop.WriteHeaderFunc {
			return func(code int) {
				status = code
				write(code)
			}
		}}), r)
		found := requestFrom(r.Context())
		if status < http.StatusBadRequest || found != nil && found.seen.Load() {
			return
		}
		reason := other
		if found != nil && found.reason != "" {
			reason = found.reason
		}
		t.Refused(reason)
		t.log.LogAttrs(r.Context(), slog.LevelInfo, "request refused", slog.Int("httpStatus", status), slog.String("reason", reason))
	})
}
