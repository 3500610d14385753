package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

func TestAStatementIsNamedByItsVerbAndTable(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]string{
		`SELECT "c"."legal_name" FROM "customer" AS "c" WHERE ("c"."email" = 'x')`: "SELECT customer",
		`select 1`:                             "SELECT",
		`-- ping`:                              "SQL",
		``:                                     "SQL",
		`canary two`:                           "SQL",
		`begin isolation level read committed`: "BEGIN",
		`INSERT INTO "entitlement" ("role") VALUES ('canary')`:                                                  "INSERT entitlement",
		`UPDATE customer AS c SET legal_name = 'canary'`:                                                        "UPDATE customer",
		`DELETE FROM "entitlement" WHERE role = E'it\'s from canary'`:                                           "DELETE entitlement",
		`SELECT 'from canary', "from", x FROM customer`:                                                         "SELECT customer",
		`SELECT 'it''s FROM canary' /* from canary */ -- from canary` + "\n FROM customer":                      "SELECT customer",
		`SELECT $$ from canary $$ FROM canary`:                                                                  "SELECT",
		`SELECT 'from canary`:                                                                                   "SELECT",
		`SELECT E'\' from canary' FROM account`:                                                                 "SELECT account",
		`SELECT x FROM unnest($1::text[]) AS p CROSS JOIN LATERAL (SELECT row.* FROM kyc_check AS row) AS page`: "SELECT kyc_check",
		`WITH "_data" AS (VALUES ('canary')) UPDATE customer SET x = 1`:                                         "UPDATE customer",
		`SELECT x FROM "Jane Canary"`:                                                                           "SELECT",
		`SELECT x FROM public.customer`:                                                                         "SELECT",
	} {
		verb, table := summarize(sql)
		if got := strings.TrimSpace(verb + " " + table); got != want {
			t.Errorf("%s is %q instead of %q", sql, got, want)
		}
	}
}

func FuzzATextInAStatementIsNeverItsName(f *testing.F) {
	for _, text := range []string{"x", "'", `\`, "--", "/*", `"`, "$$", "a' from canary"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		sql := "SELECT '" + strings.ReplaceAll(text, "'", "''") + "' FROM customer"
		if verb, table := summarize(sql); verb != "SELECT" || table != "customer" {
			t.Errorf("%q is %s %s", sql, verb, table)
		}
	})
}

func TestNamesOfOperationsAreBounded(t *testing.T) {
	t.Parallel()
	n := newNames(nil)
	if n.label("Stranger", false) != other || n.label("", true) != unnamed || n.label(strings.Repeat("a", 65), true) != other {
		t.Error("a name became a label that should not")
	}
	for i := range maxNames {
		if name := fmt.Sprint("Name", i); n.label(name, true) != name || n.label(name, false) != name {
			t.Errorf("%s is no label", name)
		}
	}
	if n.label("OneMore", true) != other || n.label("Name0", true) != "Name0" {
		t.Error("the names are not bounded")
	}
	known := newNames(func(name string) bool { return name == "Overview" })
	if known.label("Overview", false) != "Overview" || known.label("Other", true) != other {
		t.Error("the list of known names does not count")
	}
}

// secretive would show itself, if it were asked.
type secretive struct{ LegalName string }

func (secretive) String() string { return "canary" }

func TestWhatIsPersonalIsNotInTheLog(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := slog.New(NewLogHandler(slog.NewJSONHandler(&out, nil), []string{"legalName", "email"}))
	log.With("legal_name", "canary", "kept", 1).WithGroup("Email").Info("one", "inner", "canary")
	log.Info("two", "LEGAL-NAME", "canary", "code", "kept",
		slog.Group("group", "email", "canary", "kept", true),
		"map", map[string]any{"email": "canary", "list": []any{map[string]string{"legalName": "canary", "city": "kept"}}},
		"struct", secretive{"canary"}, "pointer", &secretive{"canary"}, "bytes", []byte("canary"),
		"keys", map[secretive]string{{"canary"}: "canary"}, "error", errors.New("kept"), "nothing", nil)
	if strings.Contains(out.String(), "canary") || strings.Count(out.String(), "kept") != 5 {
		t.Error(out.String())
	}
}

func TestEveryRequestHasAnIdentifier(t *testing.T) {
	t.Parallel()
	watch, err := New(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	inside := ""
	handler := watch.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { inside = RequestID(r.Context()) }))
	for header, isKept := range map[string]bool{
		"": false, "abc-DEF_1.2": true, strings.Repeat("a", 64): true, strings.Repeat("a", 65): false,
		"a b": false, "a\nb": false, `{"x":1}`: false, "ä": false,
	} {
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.Header["X-Request-Id"] = []string{header}
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		got := answer.Header().Get("X-Request-Id")
		if got != inside || got == "" || (got == header) != isKept || !isKept && !strings.HasPrefix(got, "req_") {
			t.Errorf("%q becomes %q, and %q inside", header, got, inside)
		}
	}
	if RequestID(t.Context()) != "" {
		t.Error("there is an identifier outside of a request")
	}
}

func TestTheCallersTraceGoesOn(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewInMemoryExporter()
	var out bytes.Buffer
	log := slog.New(NewLogHandler(slog.NewJSONHandler(&out, nil), nil))
	watch, err := New(t.Context(), Options{Exporter: spans})
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequest(http.MethodPost, "/canary?canary", strings.NewReader("canary"))
	request.Header.Set("User-Agent", "canary")
	request.Header.Set("Baggage", "canary=canary")
	request.Header.Set("X-Forwarded-For", "203.0.113.7")
	request.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	handler := watch.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { log.InfoContext(r.Context(), "inside") }), "/quiet")
	handler.ServeHTTP(httptest.NewRecorder(), request)
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/quiet", nil))
	if got := spans.GetSpans(); len(got) != 1 || got[0].Parent.TraceID().String() != "0af7651916cd43dd8448eb211c80319c" || got[0].SpanKind != trace.SpanKindServer {
		t.Errorf("%+v", got)
	}
	raw := fmt.Sprintf("%+v", spans.GetSpans())
	if strings.Contains(raw, "canary") || strings.Contains(raw, "203.0.113.7") {
		t.Error(raw)
	}
	var line map[string]any
	if err := json.Unmarshal([]byte(strings.SplitN(out.String(), "\n", 2)[0]), &line); err != nil {
		t.Fatal(err)
	}
	if line["traceId"] != "0af7651916cd43dd8448eb211c80319c" || line["spanId"] != spans.GetSpans()[0].SpanContext.SpanID().String() || line["requestId"] == nil {
		t.Error(out.String())
	}
}

func TestAPanicTellsNothingInASpan(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewInMemoryExporter()
	watch, err := New(t.Context(), Options{Exporter: spans})
	if err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() { _ = recover() }()
		_, span := watch.tracer.Start(t.Context(), "x", trace.WithAttributes(attribute.String("other", "canary")))
		defer span.End()
		panic("canary")
	}()
	if raw := fmt.Sprintf("%+v", spans.GetSpans()); strings.Contains(raw, "canary") || len(spans.GetSpans()) != 1 {
		t.Error(raw)
	}
}

func TestTracesAreSentOnlyWhenTheEnvironmentSaysWhere(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		environment map[string]string
		want        bool
	}{
		{nil, false},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"}, true},
		{map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://x"}, true},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_SDK_DISABLED": "true"}, false},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_TRACES_EXPORTER": "none"}, false},
	} {
		if got := wanted(func(name string) string { return test.environment[name] }); got != test.want {
			t.Errorf("%v: %v", test.environment, got)
		}
	}
}

func TestNothingWatchesNothing(t *testing.T) {
	t.Parallel()
	var watch *Telemetry
	next := http.NotFoundHandler()
	if watch.Handler(next) == nil || watch.Refusals(next) == nil || watch.WatchPool(nil) != nil || watch.Shutdown(t.Context()) != nil {
		t.Error("it does something")
	}
	watch.Refused("x")
	watch.Delivered("x", "dead")
	watch.SocketOpened()()
	watch.SubscriptionStarted()()
	operation := watch.NewOperation()
	operation.Describe("query", "x", true)
	ctx := operation.Begin(t.Context())
	operation.SetCost(1)
	operation.Batch("x", 1)
	operation.End(ctx, Outcome{})
	if OperationFrom(context.Background()).Statements() != 0 || OperationFrom(ctx) != nil {
		t.Error("there is an operation")
	}
}

func TestTwoEndsAreOne(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	watch, err := New(t.Context(), Options{Log: slog.New(slog.NewTextHandler(&out, nil))})
	if err != nil {
		t.Fatal(err)
	}
	operation := watch.NewOperation()
	operation.Describe("query", "Twice", true)
	ctx := operation.Begin(t.Context())
	operation.SetCost(7)
	operation.End(ctx, Outcome{Caller: "nobody"})
	operation.End(ctx, Outcome{Caller: "nobody"})
	ended := watch.SocketOpened()
	ended()
	ended()
	if difference := cmp.Diff(1, strings.Count(out.String(), "cost=7")); difference != "" {
		t.Error(difference, out.String())
	}
	families, err := watch.Registry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == "bankgraph_open_sockets" && family.GetMetric()[0].GetGauge().GetValue() != 0 {
			t.Error("the socket was closed twice")
		}
	}
}
