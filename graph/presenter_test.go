package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"bankgraph/auth"
	"bankgraph/models"
)

// canary must be seen by nobody: it stands for what drivers and parsers repeat of rows and requests.
const canary = `relation "secret" SQLSTATE 42P01 password=canary`

// hall is a presenter whose log can be read.
type hall struct {
	presenter
	log *bytes.Buffer
}

func newHall() hall {
	log := &bytes.Buffer{}
	return hall{presenter{log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))}, log}
}

// inField is the context in which gqlgen reads customer.kycChecks.
func inField(ctx context.Context) context.Context {
	field := func(name string) graphql.CollectedField {
		return graphql.CollectedField{Field: &ast.Field{Name: name, Alias: name}}
	}
	ctx = graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: "Query", Field: field("customer")})
	return graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: "Customer", Field: field("kycChecks")})
}

var correlationForm = regexp.MustCompile(`^req_[1-9A-HJ-NP-Za-km-z]{20,22}$`)

// shown is an error as clients see it.
func (h hall) shown(t *testing.T, ctx context.Context, err error) (*gqlerror.Error, string) {
	t.Helper()
	shown := h.present(ctx, err)
	raw, marshalErr := json.Marshal(shown)
	if marshalErr != nil {
		t.Fatal(marshalErr)
	}
	if correlation, _ := shown.Extensions["correlationId"].(string); !correlationForm.MatchString(correlation) {
		t.Errorf("the correlation is %q", correlation)
	}
	return shown, string(raw)
}

// loggedOnce says that the log has one line, which names the correlation that the client was told.
func (h hall) loggedOnce(t *testing.T, shown *gqlerror.Error, text string) {
	t.Helper()
	log := h.log.String()
	if strings.Count(log, "\n") != 1 || strings.Count(log, text) != 1 || strings.Contains(log, "canary") {
		t.Errorf("the log should have one line, with %q once and no canary:\n%s", text, log)
	}
	for _, part := range []string{"level=ERROR", shown.Extensions["correlationId"].(string), "code=" + fmt.Sprint(shown.Extensions["code"])} {
		if !strings.Contains(log, part) {
			t.Errorf("the log does not say %q:\n%s", part, log)
		}
	}
}

// faults are errors that are nobody's business, all with the canary, and what the log says of them instead.
func faults(t *testing.T) map[string]struct {
	err error
	log string
} {
	t.Helper()
	postgres := &pgconn.PgError{Severity: "ERROR", Code: "42P01", Message: canary, Detail: "detail-canary", TableName: "table-canary", Where: "where-canary"}
	_, number := strconv.Atoi(canary)
	_, file := os.Open("/" + canary)
	return map[string]struct {
		err error
		log string
	}{
		"a plain error":                                {errors.New(canary), "*errors.errorString"},
		"an error of Postgres":                         {postgres, "*pgconn.PgError with SQLSTATE 42P01"},
		"an error of Postgres in another":              {fmt.Errorf("read the checks: %w", postgres), "read the checks: *pgconn.PgError with SQLSTATE 42P01"},
		"an error of Postgres among others":            {errors.Join(io.ErrUnexpectedEOF, postgres), "unexpected EOF; *pgconn.PgError with SQLSTATE 42P01"},
		"a number that is none":                        {number, "*strconv.NumError: *errors.errorString"},
		"a file that is not there":                     {file, "*fs.PathError: syscall.Errno"},
		"a panic":                                      {recovered(t.Context(), canary), "panic in a library: string"},
		"a panic with an error":                        {recovered(t.Context(), errors.New(canary)), "panic in a library: *errors.errorString"},
		"a fault of ours":                              {models.Errorf(models.Internal, "a rule is missing"), "a rule is missing"},
		"an error of the library without a code":       {gqlerror.Errorf("%s", canary), "*gqlerror.Error"},
		"an error of the library with a strange code":  {&gqlerror.Error{Message: canary, Extensions: map[string]any{"code": "SECRET"}}, "*gqlerror.Error"},
		"an error of the library with a code of ours":  {&gqlerror.Error{Message: canary, Extensions: map[string]any{"code": "BAD_USER_INPUT"}}, "*gqlerror.Error"},
		"an error of the library with no text as code": {&gqlerror.Error{Message: canary, Extensions: map[string]any{"code": 7}}, "*gqlerror.Error"},
		"a cause with the code of a document":          {&gqlerror.Error{Message: canary, Err: errors.New(canary), Extensions: map[string]any{"code": "GRAPHQL_VALIDATION_FAILED"}}, "*gqlerror.Error: *errors.errorString"},
		"a fault that was cut short":                   {fmt.Errorf("read: %w", context.Canceled), "read: context canceled"},
	}
}

func TestG10AFaultIsLoggedOnceAndHidden(t *testing.T) {
	t.Parallel()
	for name, fault := range faults(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, isInField := range []bool{false, true} {
				h, ctx, err := newHall(), t.Context(), fault.err
				if isInField {
					ctx = inField(ctx)
					if library := (*gqlerror.Error)(nil); !errors.As(fault.err, &library) {
						err = graphql.ErrorOnPath(ctx, fault.err) // as gqlgen hands it over
					}
				}
				shown, raw := h.shown(t, ctx, err)
				want := map[string]any{
					"code": models.Internal, "retryable": false, "obpCode": "OBP-50000", "correlationId": shown.Extensions["correlationId"],
				}
				if difference := cmp.Diff(want, shown.Extensions); shown.Message != "internal error" || difference != "" {
					t.Errorf("%q: %s", shown.Message, difference)
				}
				if strings.Contains(raw, "canary") || strings.Contains(raw, "secret") || strings.Contains(raw, "goroutine") {
					t.Errorf("clients see %s", raw)
				}
				h.loggedOnce(t, shown, fault.log)
			}
		})
	}
}

func TestAPanicIsLoggedWithItsPlace(t *testing.T) {
	t.Parallel()
	h := newHall()
	var fault error
	func() {
		defer func() { fault = recovered(t.Context(), recover()) }()
		var nothing []int
		_ = nothing[len(canary)]
	}()
	shown, _ := h.shown(t, t.Context(), fault)
	h.loggedOnce(t, shown, "bankgraph/graph.TestAPanicIsLoggedWithItsPlace.func1:")
	if !strings.Contains(h.log.String(), "index out of range") {
		t.Errorf("the log does not say what:\n%s", h.log)
	}
}

func TestATimeOutIsToldAndLogged(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		fmt.Errorf("read: %w", context.DeadlineExceeded),
		graphql.ErrorOnPath(inField(t.Context()), fmt.Errorf("read: %w", context.DeadlineExceeded)),
	} {
		h := newHall()
		shown, raw := h.shown(t, t.Context(), err)
		if shown.Extensions["code"] != models.Timeout || shown.Extensions["retryable"] != true || strings.Contains(raw, "canary") {
			t.Error(raw)
		}
		h.loggedOnce(t, shown, "context deadline exceeded")
	}
}

func TestWhatWeKnowIsToldAsWeSayIt(t *testing.T) {
	t.Parallel()
	retryable := map[models.Code]bool{models.Unavailable: true, models.Timeout: true, models.RateLimited: true}
	for _, code := range []models.Code{
		models.Unauthenticated, models.Forbidden, models.BadInput, models.NotFound, models.InvalidState,
		models.Policy, models.Unavailable, models.Timeout,
	} {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			for name, cause := range map[string]error{"without a cause": nil, "with a cause": errors.New(canary)} {
				known := models.Errorf(code, "A sentence.").OBP("OBP-12345")
				known.Err, known.RequiredView, known.MissingRoles = cause, "can_see", []*models.MissingRole{{Role: "CanGetCustomer"}}
				h, ctx := newHall(), inField(t.Context())
				shown, raw := h.shown(t, ctx, graphql.ErrorOnPath(ctx, fmt.Errorf("wrapped in canary: %w", known)))
				want := map[string]any{
					"code": code, "retryable": retryable[code], "obpCode": "OBP-12345", "correlationId": shown.Extensions["correlationId"],
				}
				if code == models.Forbidden {
					want["missingRoles"], want["requiredView"] = known.MissingRoles, "can_see"
				}
				if difference := cmp.Diff(want, shown.Extensions); difference != "" || shown.Message != "A sentence." || strings.Contains(raw, "canary") {
					t.Errorf("%s: %s%s", name, raw, difference)
				}
				if path := shown.Path.String(); path != "customer.kycChecks" {
					t.Errorf("%s: the path is %q", name, path)
				}
				// A refusal is for the record, and no alarm.
				if code == models.Forbidden || code == models.Unauthenticated && cause != nil {
					line := h.log.String()
					if strings.Count(line, "\n") != 1 || !strings.Contains(line, "level=INFO") || !strings.Contains(line, fmt.Sprint(shown.Extensions["correlationId"])) {
						t.Errorf("%s: logged %s", name, line)
					}
					continue
				}
				if cause == nil {
					if h.log.Len() > 0 {
						t.Errorf("%s: logged %s", name, h.log)
					}
					continue
				}
				h.loggedOnce(t, shown, "*errors.errorString")
			}
		})
	}
}

func TestWhatIsWrongWithADocumentIsToldAsTheLibrarySaysIt(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"} {
		h := newHall()
		wrong := &gqlerror.Error{
			Message: `Cannot query field "x" on type "Query".`, Locations: []gqlerror.Location{{Line: 1, Column: 3}},
			Extensions: map[string]any{"code": code}, Rule: "FieldsOnCorrectType",
		}
		shown, raw := h.shown(t, t.Context(), wrong)
		if shown.Message != wrong.Message || fmt.Sprint(shown.Extensions["code"]) != code || shown.Extensions["retryable"] != false ||
			cmp.Diff(wrong.Locations, shown.Locations) != "" || shown.Rule != wrong.Rule {
			t.Error(raw)
		}
		if h.log.Len() > 0 {
			t.Errorf("the mistake of a client is logged: %s", h.log)
		}
	}
}

func TestAnArgumentThatCannotBeReadIsNamed(t *testing.T) {
	t.Parallel()
	h, ctx := newHall(), inField(t.Context())
	argument := graphql.WithPathContext(ctx, graphql.NewPathWithField("first"))
	shown, raw := h.shown(t, ctx, graphql.ErrorOnPath(argument, errors.New("x is not an Int")))
	if shown.Extensions["code"] != models.BadInput || shown.Message != "x is not an Int" || shown.Path.String() != "customer.kycChecks.first" {
		t.Error(raw)
	}
	if h.log.Len() > 0 {
		t.Errorf("the mistake of a client is logged: %s", h.log)
	}
}

func TestTheErrorsOfARequestShareItsCorrelation(t *testing.T) {
	t.Parallel()
	h, correlation := newHall(), auth.NewCorrelation()
	ctx := auth.WithCorrelation(t.Context(), correlation)
	for range 2 {
		if shown, raw := h.shown(t, ctx, errors.New(canary)); shown.Extensions["correlationId"] != correlation.String() {
			t.Error(raw)
		}
	}
	if other, _ := h.shown(t, t.Context(), errors.New(canary)); other.Extensions["correlationId"] == correlation.String() {
		t.Error("two requests have the same")
	}
}
