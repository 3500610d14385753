package models

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// rejections are errors of verbs and what a client sees of them, but for the correlation.
func rejections() map[string]struct {
	err  *Error
	want Rejection
} {
	bank := "gh.29.uk"
	roles := []*MissingRole{{Role: "CanGetCustomer", BankID: &bank}, {Role: "CanUseCustomerFirehoseAtAnyBank"}}
	forbidden := Errorf(Forbidden, "You lack it.").OBP("OBP-20006")
	forbidden.MissingRoles, forbidden.RequiredView = roles, "can_see_balance"
	state := Errorf(InvalidState, "It is held already.").OBP("OBP-30216")
	state.Status, state.Allowed = "HELD", []string{"NOT_HELD"}
	return map[string]struct {
		err  *Error
		want Rejection
	}{
		"BadInput names the fields": {Invalid("There is no such role.", "input", "role"), &ValidationRejection{
			Code: RejectionCodeValidation, OBPCode: new("OBP-10001"), Message: "There is no such role.",
			FieldErrors: []*FieldError{{Path: []string{"input", "role"}, Message: "There is no such role."}},
		}},
		"NotFound names what was looked for": {Missing("Bank", "xx.01"), &NotFoundRejection{
			Code: RejectionCodeNotFound, Message: "Bank xx.01 was not found.", Resource: "Bank", ID: "xx.01",
		}},
		"Forbidden names what is missing": {forbidden, &ForbiddenRejection{
			Code: RejectionCodeForbidden, OBPCode: new("OBP-20006"), Message: "You lack it.", MissingRoles: roles, RequiredView: new("can_see_balance"),
		}},
		"Forbidden without a view names none": {Errorf(Forbidden, "No."), &ForbiddenRejection{Code: RejectionCodeForbidden, Message: "No."}},
		"InvalidState names the states": {state, &InvalidStateRejection{
			Code: RejectionCodeInvalidState, OBPCode: new("OBP-30216"), Message: "It is held already.", CurrentStatus: "HELD", AllowedStatuses: []string{"NOT_HELD"},
		}},
		"Policy has its sentence": {Errorf(Policy, "Not on Sundays."), &PolicyRejection{Code: RejectionCodePolicy, Message: "Not on Sundays."}},
	}
}

var correlation = ID{Kind: KindRequest, UUID: uuid.MustParse("0190163d-8694-739b-aea5-966c26f8ad91")}

// withoutCorrelation takes out what differs each time.
var withoutCorrelation = cmp.FilterPath(func(path cmp.Path) bool { return path.Last().String() == ".CorrelationID" }, cmp.Ignore())

func TestOutcome(t *testing.T) {
	t.Parallel()
	success := &CreateEntitlementSuccess{Entitlement: &Entitlement{Role: "CanGetCustomer"}}

	t.Run("without an error it is the success", func(t *testing.T) {
		t.Parallel()
		got, err := Outcome[CreateEntitlementPayload](correlation, success, nil)
		if got != CreateEntitlementPayload(success) || err != nil {
			t.Errorf("got %v, %v", got, err)
		}
	})

	for name, c := range rejections() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// A verb may wrap its errors; what is meant stays the same.
			for _, err := range []error{c.err, fmt.Errorf("give a role: %w", c.err), errors.Join(errors.New("roll back"), c.err)} {
				got, err := Outcome[CreateEntitlementPayload](correlation, success, err)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(any(c.want), any(got), withoutCorrelation); diff != "" {
					t.Error(diff)
				}
			}
		})
		t.Run("a union without a place gives back the error: "+name, func(t *testing.T) {
			t.Parallel()
			wrapped := fmt.Errorf("take a role: %w", c.err)
			got, err := Outcome[DeleteEntitlementPayload](correlation, &DeleteEntitlementSuccess{}, wrapped)
			if want, fits := c.want.(DeleteEntitlementPayload); fits {
				if diff := cmp.Diff(want, got, withoutCorrelation); diff != "" || err != nil {
					t.Errorf("%v %s", err, diff)
				}
				return
			}
			if got != nil || err != wrapped { //nolint:errorlint // the very same error, with all that wraps it
				t.Errorf("got %v, %v, want the error itself", got, err)
			}
		})
	}

	t.Run("the unions differ, or the test above proves nothing", func(t *testing.T) {
		t.Parallel()
		for _, rejection := range []any{&ValidationRejection{}, &InvalidStateRejection{}} {
			if _, fits := rejection.(DeleteEntitlementPayload); fits {
				t.Errorf("%T has a place in DeleteEntitlementPayload now: find another example", rejection)
			}
		}
	})
}

func TestOutcomeOfFailures(t *testing.T) {
	t.Parallel()
	success := &CreateEntitlementSuccess{}

	for name, failure := range map[string]error{
		"a plain error is no outcome":                 errors.New("connection reset by peer"),
		"Unauthenticated is no outcome of business":   Errorf(Unauthenticated, "Log in."),
		"Unavailable is no outcome of business":       Errorf(Unavailable, "Try again."),
		"Timeout is no outcome of business":           Errorf(Timeout, "It took too long."),
		"Internal is no outcome of business":          Errorf(Internal, "internal error"),
		"an error with an unknown code is no outcome": Errorf("TEAPOT", "I am a teapot."),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Outcome[CreateEntitlementPayload](correlation, success, failure)
			if got != nil || err != failure { //nolint:errorlint // the very same error
				t.Errorf("got %v, %v, want the error itself", got, err)
			}
		})
	}

	t.Run("a rejection has the correlation of its request", func(t *testing.T) {
		t.Parallel()
		payload, _ := Outcome[CreateEntitlementPayload](correlation, success, Missing("Bank", "xx.01"))
		if got := payload.(*NotFoundRejection).CorrelationID; got != correlation {
			t.Errorf("got %s, want %s", got, correlation)
		}
	})
}
