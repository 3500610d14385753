package outbox

import (
	"testing"
	"time"
)

func TestPausesGrowByChanceWithinBounds(t *testing.T) {
	t.Parallel()
	l := &lane{box: &Outbox{pace: usual}}
	for attempts, most := range map[int]time.Duration{1: 2 * time.Second, 2: 4 * time.Second, 5: 32 * time.Second, 9: 5 * time.Minute, 20: 5 * time.Minute, 1000: 5 * time.Minute} {
		seen := map[time.Duration]bool{}
		for range 100 {
			pause := l.pause(attempts, 0)
			if pause < most/2 || pause > most {
				t.Fatalf("%s after %d", pause, attempts)
			}
			seen[pause] = true
		}
		if len(seen) < 50 {
			t.Errorf("after %d there is no chance in it", attempts)
		}
	}
	if pause := l.pause(1, time.Minute); pause != time.Minute {
		t.Errorf("asked for a minute: %s", pause)
	}
	if pause := l.pause(1, 24*time.Hour); pause != usual.most {
		t.Errorf("asked for a day: %s", pause)
	}
	if pause := l.pause(9, time.Second); pause < usual.most/2 {
		t.Errorf("asked for a second: %s", pause)
	}
}

func TestHowLongToWaitIsUnderstoodInSecondsAndAsAnInstant(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "0": 0, "90": 90 * time.Second, "-1": 0, "1.5": 0, "soon": 0, "99999999999999999999": 0,
		"Fri, 02 Jan 2026 03:05:05 GMT": time.Minute, "Fri, 02 Jan 2026 03:00:00 GMT": 0,
	} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("%q: %s", header, got)
		}
	}
}

// TestALeaseIsLongerThanADelivery is what two servers need that deliver each message once.
func TestALeaseIsLongerThanADelivery(t *testing.T) {
	t.Parallel()
	if usual.lease <= deliveryTime+markTime || deliveryTime <= gatewayTime {
		t.Error("it is not")
	}
}
