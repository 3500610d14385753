package models

import (
	"testing"
	"time"
)

func TestKycStanding(t *testing.T) {
	t.Parallel()

	t.Run("it says what the newest decision said", func(t *testing.T) {
		t.Parallel()
		at := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
		for _, state := range AllKycState {
			standing := &KycStanding{State: state, LastOkAt: &at}
			if now := standing.Now(); now == nil || *now != state {
				t.Errorf("got %v, want %s", now, state)
			}
			if ok := standing.LastOk(); ok == nil || !ok.Equal(at) {
				t.Errorf("got %v, want %s", ok, at)
			}
		}
	})

	t.Run("without a positive decision there is no time of one", func(t *testing.T) {
		t.Parallel()
		if got := (&KycStanding{State: KycStateNone}).LastOk(); got != nil {
			t.Errorf("got %s", got)
		}
	})

	t.Run("a standing that may not be seen says nothing", func(t *testing.T) {
		t.Parallel()
		var hidden *KycStanding
		if hidden.Now() != nil || hidden.LastOk() != nil {
			t.Errorf("got %v and %v", hidden.Now(), hidden.LastOk())
		}
	})
}
