package models

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestError(t *testing.T) {
	t.Parallel()

	t.Run("it is its sentence, and its cause stays behind it", func(t *testing.T) {
		t.Parallel()
		err := Errorf(Timeout, "It took %d seconds.", 5).OBP("OBP-1")
		err.Err = context.DeadlineExceeded
		if err.Error() != "It took 5 seconds." || err.OBPCode != "OBP-1" || err.Code != Timeout {
			t.Errorf("got %#v", err)
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error("the cause cannot be found")
		}
	})

	t.Run("the code is found however deep the error is wrapped", func(t *testing.T) {
		t.Parallel()
		for _, code := range []Code{Unauthenticated, Forbidden, BadInput, NotFound, InvalidState, Policy, Unavailable, Timeout, Internal} {
			if got := CodeOf(fmt.Errorf("verb: %w", fmt.Errorf("store: %w", Errorf(code, "No.")))); got != code {
				t.Errorf("got %s, want %s", got, code)
			}
		}
	})

	t.Run("an error without a code is a fault of the server", func(t *testing.T) {
		t.Parallel()
		if got := CodeOf(errors.New("connection reset by peer")); got != Internal {
			t.Errorf("got %s, want %s", got, Internal)
		}
	})

	t.Run("what is invalid has the path of its field", func(t *testing.T) {
		t.Parallel()
		err := Invalid("There is no such role.", "input", "role")
		want := []*FieldError{{Path: []string{"input", "role"}, Message: "There is no such role."}}
		if diff := cmp.Diff(want, err.Fields); diff != "" || err.Code != BadInput || err.Message != "There is no such role." {
			t.Errorf("got %#v %s", err, diff)
		}
	})

	t.Run("what is missing is named", func(t *testing.T) {
		t.Parallel()
		err := Missing("Bank", "xx.01")
		if err.Code != NotFound || err.Resource != "Bank" || err.ID != "xx.01" || err.Message != "Bank xx.01 was not found." {
			t.Errorf("got %#v", err)
		}
	})

	t.Run("a code goes to the client as the schema knows it, or becomes a rejection", func(t *testing.T) {
		t.Parallel()
		rejected := []Code{BadInput, NotFound, Forbidden, InvalidState, Policy}
		for _, code := range []Code{Unauthenticated, Forbidden, BadInput, NotFound, InvalidState, Policy, Unavailable, Timeout, Internal} {
			becomes := rejection(correlation, Errorf(code, "No.")) != nil
			if becomes != slices.Contains(rejected, code) {
				t.Errorf("%s becomes a rejection: %t", code, becomes)
			}
			if !becomes && !ErrorCode(code).IsValid() {
				t.Errorf("no client is told of %s", code)
			}
		}
	})
}
