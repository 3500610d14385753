package models

import "testing"

func TestEntitlement(t *testing.T) {
	t.Parallel()

	t.Run("one at a bank names it, and a system-wide one names none", func(t *testing.T) {
		t.Parallel()
		if got := (&Entitlement{BankIDOrNone: "gh.29.uk"}).BankID(); Text(got) != "gh.29.uk" {
			t.Errorf("got %q", Text(got))
		}
		if got := (&Entitlement{}).BankID(); got != nil {
			t.Errorf("got %q, want null", *got)
		}
	})
}

func TestViewer(t *testing.T) {
	t.Parallel()

	t.Run("the viewer has the views of the caller", func(t *testing.T) {
		t.Parallel()
		access := []*AccountAccess{{ViewID: "owner"}}
		if got := (Viewer{&Caller{Access: access}}).AccountAccess(); len(got) != 1 || got[0] != access[0] {
			t.Errorf("got %v", got)
		}
	})
}
