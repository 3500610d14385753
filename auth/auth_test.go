package auth

import (
	"errors"
	"fmt"
	"testing"

	"bankgraph/models"
)

// wantRefusal says that an error has a code, OBP's number and a sentence, and gives it back for more.
func wantRefusal(t *testing.T, err error, code models.Code, obpCode string) *models.Error {
	t.Helper()
	var known *models.Error
	if !errors.As(err, &known) {
		t.Fatalf("got error %v, want %s", err, code)
	}
	if known.Code != code || known.OBPCode != obpCode || known.Message == "" {
		t.Fatalf("got %s %s %q, want %s %s", known.Code, known.OBPCode, known.Message, code, obpCode)
	}
	return known
}

func TestCaller(t *testing.T) {
	t.Parallel()

	t.Run("nobody is logged in unless somebody is", func(t *testing.T) {
		t.Parallel()
		if got := Caller(t.Context()); got != nil {
			t.Errorf("got %v", got)
		}
		wantRefusal(t, RequireLogin(t.Context()), models.Unauthenticated, "OBP-20001")
	})

	t.Run("no caller is nobody", func(t *testing.T) {
		t.Parallel()
		wantRefusal(t, RequireLogin(WithCaller(t.Context(), nil)), models.Unauthenticated, "OBP-20001")
	})

	t.Run("the caller is who was put there last", func(t *testing.T) {
		t.Parallel()
		first, second := &models.Caller{ClientID: "1"}, &models.Caller{ClientID: "2"}
		outer := WithCaller(t.Context(), first)
		inner := WithCaller(outer, second)
		if Caller(outer) != first || Caller(inner) != second {
			t.Error("the callers are mixed up")
		}
		if err := RequireLogin(inner); err != nil {
			t.Error(err)
		}
	})

	t.Run("a caller that is read is read when somebody asks, each time", func(t *testing.T) {
		t.Parallel()
		reads := 0
		ctx := WithCallerRead(WithCaller(t.Context(), &models.Caller{}), func() *models.Caller {
			reads++
			return &models.Caller{ClientID: fmt.Sprint(reads)}
		})
		if reads != 0 || Caller(ctx).ClientID != "1" || Caller(ctx).ClientID != "2" {
			t.Errorf("read %d times", reads)
		}
		wantRefusal(t, RequireLogin(WithCallerRead(t.Context(), func() *models.Caller { return nil })), models.Unauthenticated, "OBP-20001")
	})
}
