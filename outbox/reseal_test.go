package outbox_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"bankgraph/db/dbtest"
	"bankgraph/outbox"
)

// TestThatNoSecretIsLeftIsSaidWhileTwoKeysAreNamed: an operator waits for this line before the old one is forgotten, also after a restart, when there was nothing to do any more.
func TestThatNoSecretIsLeftIsSaidWhileTwoKeysAreNamed(t *testing.T) {
	t.Parallel()
	newer := bytes.Repeat([]byte{8}, 32)
	before := newOffice(t, dbtest.Seeded(t), outbox.Options{})
	hook := before.hook(t, homeBank, "https://events.example.com")
	for _, want := range []string{"sealed=1 left=0", "sealed=0 left=0", "sealed=0 left=0"} {
		o := newOffice(t, before.store, outbox.Options{Keys: [][]byte{newer, key}})
		stop := o.Start(context.WithoutCancel(t.Context()))
		eventually(t, func() bool { return strings.Contains(o.log.String(), want) })
		stop()
	}
	// Who was slower than somebody else changes nothing, and does not say so.
	if changed, err := before.store.ResealWebhook(t.Context(), hook, hook.SealedSecret, nil); changed != 0 || err != nil {
		t.Errorf("%d rows are changed: %v", changed, err)
	}
	hook = before.seals(t, hook)
	if changed, err := before.store.ResealWebhook(t.Context(), hook, hook.SealedSecret, nil); changed != 1 || err != nil {
		t.Errorf("%d rows are changed: %v", changed, err)
	}
	// With one there is nothing to wait for. What keep does next shows that it was done with the seals.
	if _, err := before.store.Pool().Exec(t.Context(), "UPDATE webhook SET sealed_previous = sealed_secret, previous_secret_until = clock_timestamp()"); err != nil {
		t.Fatal(err)
	}
	o := newOffice(t, before.store, outbox.Options{Keys: [][]byte{newer}})
	o.start(t)
	eventually(t, func() bool { return o.seals(t, hook).SealedPrevious == nil })
	if strings.Contains(o.log.String(), "left=") {
		t.Error(o.log)
	}
}
