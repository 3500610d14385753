package outbox_test

import (
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"bankgraph/db"
	"bankgraph/models"
	"bankgraph/outbox"
)

const (
	homeBank  = "gh.29.uk"
	otherBank = "nl.07.demo"
	// canary is a secret of a webhook, and stands nowhere else.
	canary = "whsec_0417scarletcanary"
)

// told is what a receiver was called with.
type told struct{ body, timestamp, signature, messageID string }

// receiver is a real HTTPS server of a bank.
type receiver struct {
	*httptest.Server

	mu    sync.Mutex
	calls []told
}

// newReceiver is one that answers the call of this number, from 1, as answer says; nil: it takes all.
func newReceiver(t *testing.T, answer func(w http.ResponseWriter, number int, asked told)) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		header := request.Header
		asked := told{string(body), header.Get(outbox.TimestampHeader), header.Get(outbox.SignatureHeader), header.Get(outbox.MessageHeader)}
		r.mu.Lock()
		r.calls = append(r.calls, asked)
		number := len(r.calls)
		r.mu.Unlock()
		if answer != nil {
			answer(w, number, asked)
		}
	}))
	r.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) all() []told {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.calls)
}

// hooks calls receivers of tests, which are at 127.0.0.1 and have one certificate.
func (r *receiver) hooks(isPrivate bool) *outbox.Hooks {
	return outbox.OpenHooks(outbox.HookOptions{Private: isPrivate, TrustedAuthorities: r.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs})
}

// hook writes a webhook of a bank.
func (o office) hook(t *testing.T, bankID, address string, kinds ...models.EventKind) *models.Webhook {
	t.Helper()
	if kinds == nil {
		kinds = []models.EventKind{models.EventKindRequestCompleted, models.EventKindChallengeCreated}
	}
	hook := &models.Webhook{WebhookID: uuid.Must(uuid.NewV7()), BankID: bankID, Kinds: kinds, IsEnabled: true, Version: 1}
	hook.Point(address)
	var err error
	if hook.StreamKey, err = models.NewStreamKey(); err != nil {
		t.Fatal(err)
	}
	if hook.SealedSecret, err = o.SealSecret(hook, canary); err != nil {
		t.Fatal(err)
	}
	if err := o.store.InsertWebhook(t.Context(), hook); err != nil {
		t.Fatal(err)
	}
	return hook
}

func newEvent(bankID string, kind models.EventKind) *models.Event {
	return &models.Event{Stream: models.KycStream(bankID), Kind: kind, ObjectID: uuid.Must(uuid.NewV7()), BankID: bankID, OccurredAt: time.Now(), ToldBankID: bankID}
}

// happens writes an event, and so its messages, and wakes the outbox. They are those that were written. What else is to be done is done in the same transaction, behind it.
func (o office) happens(t *testing.T, bankID string, kind models.EventKind, also ...func(tx *db.Store) error) (written []*models.OutboxMessage) {
	t.Helper()
	event := newEvent(bankID, kind)
	err := o.store.InTx(t.Context(), func(tx *db.Store) error {
		err := tx.InsertEvents(t.Context(), event)
		if err != nil {
			return err
		}
		// Nobody else sees them before the commit, so that they wait.
		if written, err = tx.OutboxMessages(t.Context(), bankID, models.OutboxMessageStateWaiting, ""); err != nil {
			return err
		}
		for _, do := range also {
			if err := do(tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	o.WakeWebhooks(bankID)
	return slices.DeleteFunc(written, func(m *models.OutboxMessage) bool {
		return m.Payload.Event == nil || m.Payload.Event.ObjectID != event.ObjectID
	})
}

// happenMany writes so many events at once, and wakes the outbox.
func (o office) happenMany(t *testing.T, bankID string, kind models.EventKind, count int) {
	t.Helper()
	all := make([]*models.Event, count)
	for i := range all {
		all[i] = newEvent(bankID, kind)
	}
	if err := o.store.InTx(t.Context(), func(tx *db.Store) error { return tx.InsertEvents(t.Context(), all...) }); err != nil {
		t.Fatal(err)
	}
	o.WakeWebhooks(bankID)
}

// underWay is how many calls in the name of a bank are under way, and how many have ended in vain.
func (o office) underWay(t *testing.T, bankID string) (calls, ended int) {
	t.Helper()
	err := o.store.Pool().QueryRow(t.Context(), "SELECT count(leased_until), coalesce(sum(attempts) - count(leased_until), 0) FROM outbox_message WHERE bank_id = $1 AND state = 'WAITING'", bankID).
		Scan(&calls, &ended)
	if err != nil {
		t.Fatal(err)
	}
	return calls, ended
}

// quiet fails when the secret stands in the log or in the database.
func (o office) quiet(t *testing.T) {
	t.Helper()
	var kept int
	err := o.store.Pool().QueryRow(t.Context(), `SELECT (SELECT count(*) FROM outbox_message AS m WHERE strpos(m::text, $1) + strpos(m::text, $2) > 0) + (SELECT count(*) FROM webhook AS w WHERE strpos(w::text, $1) + strpos(w::text, $2) > 0)`,
		canary, hex.EncodeToString([]byte(canary))).Scan(&kept)
	if err != nil || kept > 0 || strings.Contains(o.log.String(), canary) {
		t.Errorf("the secret is in %d rows, %v: %s", kept, err, o.log)
	}
}

func signed(secret string, call told) string {
	return hex.EncodeToString(outbox.Sign([]byte(secret), call.timestamp, []byte(call.body)))
}
