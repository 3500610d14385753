package outbox

import (
	"testing"
	"time"

	"github.com/google/uuid"
)

// TestAWebhookThatFailsNowAndThenIsToldOfOnceInAWhile: whoever owns it must not write the log.
func TestAWebhookThatFailsNowAndThenIsToldOfOnceInAWhile(t *testing.T) {
	t.Parallel()
	all, hook, other, now := &trouble{}, uuid.New(), uuid.New(), time.Now()
	for range 3 {
		if all.ends(hook) {
			t.Error("what never failed is told to be over")
		}
	}
	if !all.begins(hook, now) || all.begins(hook, now) || !all.begins(other, now) || !all.ends(hook) {
		t.Error("the first failure is told once, and its end")
	}
	for i := range 50 {
		if all.begins(hook, now.Add(time.Duration(i)*time.Second)) || all.ends(hook) {
			t.Fatalf("the failure after %d seconds is told", i)
		}
	}
	if !all.begins(hook, now.Add(2*untilTold)) || !all.ends(hook) {
		t.Error("a failure is not told after a while")
	}
	all.ends(other)
	if all.begins(other, now.Add(5*untilTold)); len(all.told) != 1 || len(all.failing) != 1 {
		t.Errorf("%d and %d are kept", len(all.told), len(all.failing))
	}
}
