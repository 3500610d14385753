package graph

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"bankgraph/telemetry"
)

// watched is an observer whose lines can be read, and an operation of a kind that it sees.
func watched(t *testing.T, kind ast.Operation) (observer, context.Context, *bytes.Buffer) {
	t.Helper()
	log := &bytes.Buffer{}
	watch, err := telemetry.New(t.Context(), telemetry.Options{Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	ctx := graphql.WithOperationContext(t.Context(), &graphql.OperationContext{
		Operation: &ast.OperationDefinition{Operation: kind, Name: "Watched"}, Doc: &ast.QueryDocument{},
	})
	o := observer{telemetry: watch}
	if err := o.MutateOperationParameters(ctx, nil); err != nil {
		t.Fatal(err)
	}
	observed(ctx).SetCost(5)
	return o, ctx, log
}

// runningNow is the gauge of subscriptions.
func runningNow(t *testing.T, o observer) float64 {
	t.Helper()
	families, err := o.telemetry.Registry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == "bankgraph_running_subscriptions" {
			return family.GetMetric()[0].GetGauge().GetValue()
		}
	}
	return -1
}

func TestASubscriptionIsOneLineAtItsEnd(t *testing.T) {
	t.Parallel()
	o, ctx, log := watched(t, ast.Subscription)
	left := 3
	answers := o.InterceptOperation(ctx, func(ctx context.Context) graphql.ResponseHandler {
		if telemetry.OperationFrom(ctx) != observed(ctx) || observed(ctx) == nil {
			t.Error("the operation is not in its own context")
		}
		return func(context.Context) *graphql.Response {
			if left--; left < 0 {
				return nil
			}
			return &graphql.Response{Errors: gqlerror.List{{Extensions: map[string]any{"code": "FORBIDDEN"}}, {Extensions: map[string]any{"code": "canary"}}}}
		}
	})
	for answers(ctx) != nil {
		if log.Len() > 0 || runningNow(t, o) != 1 {
			t.Error("it ended before its end")
		}
	}
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, `errors="[FORBIDDEN OTHER]"`) || !strings.Contains(got, "cost=5") || runningNow(t, o) != 0 {
		t.Errorf("%v running, %s", runningNow(t, o), got)
	}
}

func TestASubscriptionEndsWithItsContext(t *testing.T) {
	t.Parallel()
	o, ctx, _ := watched(t, ast.Subscription)
	ctx, cancel := context.WithCancel(ctx)
	o.InterceptOperation(ctx, func(context.Context) graphql.ResponseHandler { return nil })
	cancel()
	for runningNow(t, o) != 0 { // the test's own time-out is the limit
		if t.Context().Err() != nil {
			t.Fatal("it runs on")
		}
	}
}

func TestAPanicEndsAnOperation(t *testing.T) {
	t.Parallel()
	o, ctx, log := watched(t, ast.Query)
	answers := o.InterceptOperation(ctx, func(context.Context) graphql.ResponseHandler {
		return func(context.Context) *graphql.Response { panic("canary") }
	})
	func() {
		defer func() { _ = recover() }()
		answers(ctx)
	}()
	if got := log.String(); strings.Count(got, "operation=Watched") != 1 || !strings.Contains(got, "status=failed") || !strings.Contains(got, "errors=[INTERNAL]") || strings.Contains(got, "canary") {
		t.Error(got)
	}
}

func TestAnArgumentIsHarmlessOnlyWhenAllInItIs(t *testing.T) {
	t.Parallel()
	inputs := func(name string) place { return place{"input", ast.NamedType(name, nil), nil} }
	query := Contract().Query.Fields
	of := func(field, argument string) place {
		definition := query.ForName(field).Arguments.ForName(argument)
		return place{definition.Name, definition.Type, definition.Directives}
	}
	for what, test := range map[string]struct {
		place place
		want  bool
	}{
		"an enum and an enum":  {inputs("CustomerOrder"), true},
		"an identifier":        {inputs("DeleteEntitlementInput"), true},
		"a text beside others": {inputs("CreateEntitlementInput"), false},
		"a filter":             {of("customers", "filter"), false},
		"a number of a page":   {of("customers", "first"), true},
		"a cursor":             {of("customers", "after"), false},
		"a bank":               {of("customers", "bankId"), true},
		"a customer's number":  {of("customerByNumber", "customerNumber"), false},
		"identifiers":          {of("nodes", "ids"), true},
		"what nobody knows":    {inputs("Unknown"), false},
		"an integer that is personal": {place{
			"dependants", ast.NamedType("Int", nil),
			ast.DirectiveList{{Name: "personal"}},
		}, false},
	} {
		if test.place.isHarmless() != test.want {
			t.Errorf("%s: %v", what, !test.want)
		}
	}
	for _, text := range []string{"canary", "canary_2BQ8xVh3XbTnqcbXJ1nVEk", "CUS_2BQ8xVh3XbTnqcbXJ1nVEk", ""} {
		if got := of("customer", "id").shown(t.Context(), text); got != redacted {
			t.Errorf("%q is shown as %v", text, got)
		}
	}
	if got := of("customers", "bankId").shown(t.Context(), "gh.29.uk"); got != redacted {
		t.Errorf("nobody's bank is shown: %v", got)
	}
}
