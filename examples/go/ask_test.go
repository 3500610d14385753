package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// server gives these answers, one after the other, and counts. What a healthy server does not show is shown here.
func server(t *testing.T, answers ...string) (base string, asked func() int) {
	t.Helper()
	count := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if count++; count > len(answers) {
			t.Error("one question too many")
			return
		}
		answer := answers[count-1]
		if answer == "" {
			panic(http.ErrAbortHandler) // the connection is lost
		}
		w.Header().Set("Content-Type", "application/graphql-response+json")
		if answer[:9] == `{"errors"` {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		fmt.Fprint(w, answer)
	}))
	t.Cleanup(s.Close)
	return s.URL, func() int { return count }
}

func failure(code, more string) string {
	return fmt.Sprintf(`{"errors":[{"message":"No.","extensions":{"code":%q,"correlationId":"req_1"%s}}]}`, code, more)
}

const (
	retryable = `,"retryable":true`
	lost      = ""
	noPage    = `{"data":{"customers":{"totalCount":0,"pageInfo":{"hasNextPage":false},"nodes":[]}}}`
	gone      = `{"data":{"deleteEntitlement":{"__typename":"NotFoundRejection","code":"NOT_FOUND","message":"Gone.","correlationId":"req_2"}}}`
)

func TestAQueryIsAskedAgainWhileThatMayHelp(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answers []string
		want    int // attempts that fail, 0 when there is an answer
	}{
		"the database comes back":     {[]string{failure("UPSTREAM_UNAVAILABLE", retryable), noPage}, 0},
		"it does not":                 {[]string{failure("TIMEOUT", retryable), failure("TIMEOUT", retryable), failure("TIMEOUT", retryable), failure("TIMEOUT", retryable)}, 4},
		"an error that stays":         {[]string{failure("INTERNAL", "")}, 1},
		"an error of a later version": {[]string{failure("FROM_THE_FUTURE", `,"retryable":false`)}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base, asked := server(t, test.answers...)
			_, err := query(t.Context(), func(ctx context.Context) (*CustomersPageResponse, error) {
				return CustomersPage(ctx, connect(base, "token"), bank, 1, nil)
			})
			var problem *AskError
			if errors.As(err, &problem) != (test.want > 0) || problem != nil && problem.Attempts != test.want {
				t.Errorf("want %d attempts that fail: %v", test.want, err)
			}
			if asked() != len(test.answers) {
				t.Errorf("%d questions for %d answers", asked(), len(test.answers))
			}
		})
	}
}

func TestAMutationThatMayHaveBeenDoneIsNotSentAgain(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{failure("TIMEOUT", retryable), lost} {
		base, asked := server(t, answer)
		if _, err := takeRole(t.Context(), connect(base, "token"), "ent_1"); err == nil || asked() != 1 {
			t.Errorf("sent %d times: %v", asked(), err)
		}
	}
}

func TestWhoeverSpentTheirBudgetWaitsAsLongAsTheServerSays(t *testing.T) {
	t.Parallel()
	base, asked := server(t, failure("RATE_LIMITED", retryable+`,"retryAfterMs":400`), gone)
	start := time.Now()
	refusal, err := takeRole(t.Context(), connect(base, "token"), "ent_1")
	if err != nil || refusal == nil || refusal.GetCode() != RejectionCodeNotFound {
		t.Errorf("%v, %v", refusal, err)
	}
	if asked() != 2 || time.Since(start) < 400*time.Millisecond {
		t.Errorf("asked %d times within %s", asked(), time.Since(start))
	}
}
