package outbox

import (
	"testing"
	"time"

	"github.com/google/uuid"
)

// TestAWebhookThatFailsNowAndThenIsToldOfOnceInAWhile: whoever owns it must not write the log.
func TestAWebhookThatFailsNowAndThenIsToldOfOnceInAWhile(t *testing.T) {
	t.Parallel()
	all, hook, other, now := &failureLog{}, uuid.New(), uuid.New(), time.Now()
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

// TestAWebhookThatFailsAgainAndForGoodIsToldOfWhenTheMinuteIsOver: the last line in the log must not say that it is well.
func TestAWebhookThatFailsAgainAndForGoodIsToldOfWhenTheMinuteIsOver(t *testing.T) {
	t.Parallel()
	all, hook, now := &failureLog{}, uuid.New(), time.Now()
	if !all.begins(hook, now) || !all.ends(hook) {
		t.Fatal("the first failure and its end are told")
	}
	told := []int{}
	for second := 1; second <= 300; second++ { // it takes nothing any more
		if all.begins(hook, now.Add(time.Duration(second)*time.Second)) {
			told = append(told, second)
		}
	}
	if len(told) != 1 || told[0] != 60 {
		t.Errorf("it is told after %v seconds", told)
	}
	if !all.ends(hook) || all.ends(hook) {
		t.Error("that it is over is told once")
	}
}

// TestAWebhookThatIsCalledNoMoreIsForgotten: who makes webhooks that fail, and removes them, fills no memory; and one that is enabled again some hours later, and fails, is told of.
func TestAWebhookThatIsCalledNoMoreIsForgotten(t *testing.T) {
	t.Parallel()
	all, hook, now := &failureLog{}, uuid.New(), time.Now()
	all.begins(hook, now)
	for range 1000 {
		all.begins(uuid.New(), now)
	}
	for minute := 1; minute <= 59; minute++ { // one of them fails on
		if all.begins(hook, now.Add(time.Duration(minute)*time.Minute)) {
			t.Fatalf("it is told again after %d minutes", minute)
		}
	}
	if len(all.failing) != 1001 {
		t.Errorf("%d are known before the hour is over", len(all.failing))
	}
	if all.begins(hook, now.Add(time.Hour)); len(all.failing) != 1 || len(all.told) > 1 {
		t.Errorf("%d and %d are kept", len(all.failing), len(all.told))
	}
	if !all.begins(hook, now.Add(3*time.Hour)) {
		t.Error("one that fails again after hours is not told of")
	}
}
