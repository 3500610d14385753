package outbox_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/models"
	"bankgraph/outbox"
)

func TestMain(m *testing.M) { dbtest.Main(m, auth.RolesByScope) }

// The code is one that stands nowhere else: in no identifier, no instant and no signature, which are in hexadecimal or shorter.
const (
	code  = "0417-scarlet"
	phone = "+34600000074"
)

var (
	key    = bytes.Repeat([]byte{7}, 32)
	shared = bytes.Repeat([]byte("s"), 32)
)

// call is what a gateway was asked for.
type call struct {
	body, timestamp, signature, messageID, to, text string
}

// gateway is a real HTTPS server that takes text messages.
type gateway struct {
	*httptest.Server

	mu    sync.Mutex
	calls []call
	taken chan call // each call, when it is answered
}

// newGateway is one that answers the call of this number, from 1, as answer says; nil: it takes all.
func newGateway(t *testing.T, answer func(w http.ResponseWriter, number int, asked call)) *gateway {
	t.Helper()
	g := &gateway{taken: make(chan call, 1000)}
	g.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s: %v", r.Method, r.Header.Get("Content-Type"), err)
		}
		asked := call{body: string(body), timestamp: r.Header.Get(outbox.TimestampHeader), signature: r.Header.Get(outbox.SignatureHeader)}
		var read struct{ MessageID, To, Text string }
		if err := json.Unmarshal(body, &read); err != nil {
			t.Error(err)
		}
		asked.messageID, asked.to, asked.text = read.MessageID, read.To, read.Text
		g.mu.Lock()
		g.calls = append(g.calls, asked)
		number := len(g.calls)
		g.mu.Unlock()
		defer func() { g.taken <- asked }()
		if answer != nil {
			answer(w, number, asked)
		}
	}))
	g.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // handshakes that break are what is tested
	t.Cleanup(g.Close)
	return g
}

func (g *gateway) all() []call {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]call{}, g.calls...)
}

// way is the way to it.
func (g *gateway) way(t *testing.T) *outbox.Gateway {
	t.Helper()
	way, err := outbox.OpenGateway(outbox.GatewayOptions{URL: g.URL, Secret: shared, TrustedAuthorities: g.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs})
	if err != nil {
		t.Fatal(err)
	}
	return way
}

// office is a database with an outbox on it.
type office struct {
	*outbox.Outbox

	store *db.Store
	log   *dbtest.Log
}

// quick is a pace at which nothing waits for long, lease one at which no lease ends before its delivery does, however busy the machine is, and soon one at which a test can wait for the end of
// leases. patience is how long a test waits for what must come.
const (
	quick    = 20 * time.Millisecond
	lease    = 30 * time.Second
	soon     = 4 * time.Second
	patience = time.Minute
)

func newOffice(t *testing.T, store *db.Store, o outbox.Options) office {
	t.Helper()
	log := &dbtest.Log{}
	o.Log, o.Describe = slog.New(slog.NewTextHandler(log, nil)), error.Error
	if o.Keys == nil {
		o.Keys = [][]byte{key}
	}
	box, err := outbox.New(store, o)
	if err != nil {
		t.Fatal(err)
	}
	return office{box.Hurry(lease, quick), store, log}
}

// start starts it for as long as the test goes.
func (o office) start(t *testing.T) { t.Cleanup(o.Start(context.WithoutCancel(t.Context()))) }

// message is a new one with the code in it, sealed.
func (o office) message(t *testing.T, kind models.OutboxMessageKind, change ...func(*models.OutboxMessage)) *models.OutboxMessage {
	t.Helper()
	payload := models.OutboxPayload{BankName: "Bank of Greenland", Name: "Ada Quist", Amount: "1500.00", Currency: "EUR", Payee: "Ines Moreau"}
	to := phone
	if kind == models.OutboxMessageKindChallengeCodeEmail || kind == models.OutboxMessageKindChallengeAlertEmail {
		to = "ada.quist@example.com"
	}
	id, expires := uuid.Must(uuid.NewV7()), time.Now().Add(10*time.Minute)
	message := db.ChallengeAlert(kind, "gh.29.uk", id, uuid.New(), to, expires, payload)
	if kind.HasCode() {
		message = db.ChallengeCode(kind, "gh.29.uk", id, uuid.New(), uuid.New(), to, expires, payload)
		if err := o.SealCode(message, code); err != nil {
			t.Fatal(err)
		}
	}
	for _, change := range change {
		change(message)
	}
	return message
}

// write writes messages in one transaction, and wakes the outbox.
func (o office) write(t *testing.T, messages ...*models.OutboxMessage) {
	t.Helper()
	err := o.store.InTx(t.Context(), func(tx *db.Store) error {
		for _, message := range messages {
			if err := tx.InsertOutboxMessage(t.Context(), message); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	o.Wake()
}

// row is what the database has of a message: its state, its tries, its last failure, and whether it has a seal.
func (o office) row(t *testing.T, message *models.OutboxMessage) (state, failure string, attempts int, isSealed bool) {
	t.Helper()
	err := o.store.Pool().QueryRow(t.Context(), "SELECT state, coalesce(last_failure, ''), attempts, sealed IS NOT NULL FROM outbox_message WHERE message_id = $1", message.MessageID.String()).
		Scan(&state, &failure, &attempts, &isSealed)
	if err != nil {
		t.Fatal(err)
	}
	return state, failure, attempts, isSealed
}

// becomes waits until a message is in a state.
func (o office) becomes(t *testing.T, message *models.OutboxMessage, want models.OutboxMessageState) (failure string, attempts int) {
	t.Helper()
	var state string
	var isSealed bool
	eventually(t, func() bool {
		state, failure, attempts, isSealed = o.row(t, message)
		return state == string(want)
	})
	if isSealed && want != models.OutboxMessageStateWaiting {
		t.Errorf("%s is left with its seal", message.MessageID)
	}
	return failure, attempts
}

// eventually waits until something is so.
func eventually(t *testing.T, is func() bool) {
	t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	over := time.After(patience)
	for !is() {
		select {
		case <-look.C:
		case <-over:
			t.Fatal("it never came to that")
		}
	}
}

// within is what comes from a channel, unless it does not come.
func within[T any](t *testing.T, from <-chan T) (one T) {
	t.Helper()
	select {
	case one = <-from:
	case <-time.After(patience):
		t.Fatal("it never came")
	}
	return one
}

// silent fails when the code stands in the log or in the database.
func (o office) silent(t *testing.T) {
	t.Helper()
	if strings.Contains(o.log.String(), code) {
		t.Errorf("the code is in the log: %s", o.log)
	}
	var kept int
	if err := o.store.Pool().QueryRow(t.Context(), "SELECT count(*) FROM outbox_message AS m WHERE m::text LIKE '%' || $1 || '%' OR m::text LIKE '%' || $2 || '%'", code, hex.EncodeToString([]byte(code))).
		Scan(&kept); err != nil || kept > 0 {
		t.Errorf("the code is in %d rows, %v", kept, err)
	}
}

func TestAMessageLeavesOnceSignedWhenItsTransactionHasCommitted(t *testing.T) {
	t.Parallel()
	g := newGateway(t, nil)
	o := newOffice(t, dbtest.Seeded(t), outbox.Options{SMS: g.way(t)})
	o.start(t)
	lost := errors.New("no")
	err := o.store.InTx(t.Context(), func(tx *db.Store) error {
		return errors.Join(tx.InsertOutboxMessage(t.Context(), o.message(t, models.OutboxMessageKindChallengeCodeSms)), lost)
	})
	if !errors.Is(err, lost) {
		t.Fatal(err)
	}
	message := o.message(t, models.OutboxMessageKindChallengeCodeSms)
	o.write(t, message)
	if failure, attempts := o.becomes(t, message, models.OutboxMessageStateDelivered); failure != "" || attempts != 1 {
		t.Errorf("%s after %d", failure, attempts)
	}
	calls := g.all()
	if len(calls) != 1 {
		t.Fatalf("%d calls", len(calls))
	}
	got := calls[0]
	if got.messageID != message.MessageID.String() || got.to != phone || !strings.Contains(got.text, code+" approves 1500.00 EUR to Ines Moreau, until ") {
		t.Errorf("%+v", got)
	}
	if got.signature != hex.EncodeToString(outbox.Sign(shared, got.timestamp, []byte(got.body))) {
		t.Error("the signature is wrong")
	}
	o.silent(t)
}

func TestAMessageWakesTheOutboxThatOtherwiseLooksNowAndThen(t *testing.T) {
	t.Parallel()
	g := newGateway(t, nil)
	o := newOffice(t, dbtest.Seeded(t), outbox.Options{SMS: g.way(t)})
	o.Hurry(lease, time.Hour)
	o.start(t)
	for range 3 {
		o.write(t, o.message(t, models.OutboxMessageKindChallengeAlertSms, func(m *models.OutboxMessage) { m.Payload.BlockedUntil = &m.ExpiresAt }))
		if got := within(t, g.taken); !strings.Contains(got.text, "too many wrong codes") {
			t.Error(got.text)
		}
	}
	beside := newOffice(t, dbtest.Beside(t, o.store), outbox.Options{SMS: g.way(t)})
	beside.start(t) // it was not woken, and finds the message by looking
	if err := o.store.InsertOutboxMessage(t.Context(), o.message(t, models.OutboxMessageKindChallengeCodeSms)); err != nil {
		t.Fatal(err)
	}
	within(t, g.taken)
}

func TestTwoServersDeliverEachMessageOnce(t *testing.T) {
	t.Parallel()
	g := newGateway(t, nil)
	first := newOffice(t, dbtest.Seeded(t), outbox.Options{SMS: g.way(t)})
	second := newOffice(t, dbtest.Beside(t, first.store), outbox.Options{SMS: g.way(t)})
	first.start(t)
	second.start(t)
	const rounds, each = 10, 30
	for range rounds {
		messages := make([]*models.OutboxMessage, each)
		for i := range messages {
			messages[i] = first.message(t, models.OutboxMessageKindChallengeCodeSms)
		}
		first.write(t, messages...)
		second.Wake()
	}
	count := func(where string) (n int) {
		if err := first.store.Pool().QueryRow(t.Context(), "SELECT count(*) FROM outbox_message WHERE "+where).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	eventually(t, func() bool { return count("state = 'DELIVERED'") == rounds*each })
	seen := map[string]int{}
	for _, call := range g.all() {
		seen[call.messageID]++
	}
	if len(seen) != rounds*each || len(g.all()) != rounds*each || count("attempts <> 1") > 0 {
		t.Errorf("%d messages by %d calls", len(seen), len(g.all()))
	}
	first.silent(t)
	second.silent(t)
}

func TestWhatACrashLeavesBetweenDeliveryAndNoteLeavesOnceMoreWithTheSameIdentifierAndWords(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	dying, err := db.Open(t.Context(), store.Pool().Config().ConnString(), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	g := newGateway(t, func(_ http.ResponseWriter, number int, _ call) {
		if number == 1 {
			dying.Close() // it has delivered, and can note nothing any more
		}
	})
	first := newOffice(t, dying, outbox.Options{SMS: g.way(t)})
	first.Hurry(soon, quick) // its lease is the one that has to end
	second := newOffice(t, store, outbox.Options{SMS: g.way(t)})
	stop := first.Start(context.WithoutCancel(t.Context()))
	message := second.message(t, models.OutboxMessageKindChallengeCodeSms)
	second.write(t, message)
	within(t, g.taken)
	stop()
	state, _, before, isSealed := second.row(t, message)
	if state != "WAITING" || before < 1 || !isSealed { // on a machine that is busy enough it may have tried before it came through
		t.Fatalf("%s after %d", state, before)
	}
	second.start(t)
	if _, attempts := second.becomes(t, message, models.OutboxMessageStateDelivered); attempts != before+1 {
		t.Errorf("%d attempts after %d", attempts, before)
	}
	calls := g.all()
	if len(calls) != 2 || calls[0].body != calls[1].body || calls[0].messageID != message.MessageID.String() {
		t.Errorf("%d calls", len(calls))
	}
	second.silent(t)
}

func TestAnOutboxThatStopsWaitsForWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	under, goOn := make(chan struct{}), make(chan struct{})
	g := newGateway(t, func(http.ResponseWriter, int, call) { close(under); <-goOn })
	o := newOffice(t, dbtest.Seeded(t), outbox.Options{SMS: g.way(t)})
	ctx, cancel := context.WithCancel(t.Context())
	stop := o.Start(ctx)
	message := o.message(t, models.OutboxMessageKindChallengeCodeSms)
	o.write(t, message)
	within(t, under)
	cancel()
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	select {
	case <-stopped:
		t.Error("it did not wait")
	case <-time.After(50 * time.Millisecond):
	}
	close(goOn)
	within(t, stopped)
	if state, _, _, _ := o.row(t, message); state != "DELIVERED" {
		t.Error(state)
	}
	later := o.message(t, models.OutboxMessageKindChallengeCodeSms)
	o.write(t, later)
	if state, _, attempts, _ := o.row(t, later); state != "WAITING" || attempts != 0 {
		t.Errorf("%s after %d", state, attempts)
	}
}
