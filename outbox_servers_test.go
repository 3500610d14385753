package main

import (
	"encoding/hex"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/models"
	"bankgraph/outbox"
	"bankgraph/secret"
)

const (
	sharedSecret = "a secret of a test and its gateway"
	textedCode   = "0417-scarlet"
)

// textGateway is a real HTTPS server that takes text messages, and the environment in which a program trusts it.
type textGateway struct {
	*httptest.Server

	environment []string
	mu          sync.Mutex
	bodies      []string
	before      func() // what happens before the first answer
}

func newTextGateway(t *testing.T) *textGateway {
	t.Helper()
	g := &textGateway{before: func() {}}
	g.Server = httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if timestamp := r.Header.Get(outbox.TimestampHeader); err != nil ||
			hex.EncodeToString(outbox.Sign([]byte(sharedSecret), timestamp, body)) != r.Header.Get(outbox.SignatureHeader) {
			t.Errorf("%v: the signature is wrong", err)
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.bodies = append(g.bodies, string(body)); len(g.bodies) == 1 {
			g.before()
		}
	}))
	t.Cleanup(g.Close)
	authority := filepath.Join(t.TempDir(), "authority.pem")
	if err := os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: g.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	g.environment = []string{"SSL_CERT_FILE=" + authority, "BANKGRAPH_SMS_WEBHOOK_SECRET=" + sharedSecret}
	return g
}

func (g *textGateway) took() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]string{}, g.bodies...)
}

// TestTwoServersDeliverMessagesOnceAndOnceMoreAfterAKill is about two processes of the program on one database, and a gateway that one of them does not survive.
func TestTwoServersDeliverMessagesOnceAndOnceMoreAfterAKill(t *testing.T) {
	t.Parallel()
	g, dir, address := newTextGateway(t), dataDir(t), dbtest.URL(t, true)
	key := filepath.Join(t.TempDir(), "secret.key")
	if err := os.WriteFile(key, []byte(strings.Repeat("k", 40)), 0o600); err != nil {
		t.Fatal(err)
	}
	var programs []*program
	start := func() *program {
		p := startProgramWith(t, g.environment, "--addr", "127.0.0.1:0", "--data-dir", dir, "--database-url", address, "--demo", "on", "--demo-customers", "1",
			"--secret-key-file", key, "--sms-webhook-url", g.URL)
		p.until(t, `GraphQL +(http\S+)/graphql`)
		programs = append(programs, p)
		return p
	}
	store, err := db.Open(t.Context(), address, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	write := func() *models.OutboxMessage {
		message := sealedText(t, key)
		if err := store.InsertOutboxMessage(t.Context(), message); err != nil {
			t.Fatal(err)
		}
		return message
	}
	delivered := func(want int) {
		t.Helper()
		waitUntil(t, func() bool {
			var n int
			err := store.Pool().QueryRow(t.Context(), "SELECT count(*) FROM outbox_message WHERE state = 'DELIVERED' AND sealed IS NULL").Scan(&n)
			return err == nil && n == want
		})
	}

	first := start()
	g.before = func() { _ = first.Process.Kill(); _ = first.Wait() }
	message := write()
	waitUntil(t, func() bool { return len(g.took()) == 1 })
	if _, err := store.Pool().Exec(t.Context(), "UPDATE outbox_message SET next_attempt_at = clock_timestamp(), leased_until = clock_timestamp()"); err != nil { // the lease is over
		t.Fatal(err)
	}
	start()
	delivered(1)
	if bodies := g.took(); len(bodies) != 2 || bodies[0] != bodies[1] || !strings.Contains(bodies[0], message.MessageID.String()) || !strings.Contains(bodies[0], textedCode) {
		t.Fatalf("%d calls: %v", len(bodies), bodies)
	}

	start()
	const more = 100
	for range more {
		write()
	}
	delivered(1 + more)
	seen := map[string]bool{}
	for _, body := range g.took()[2:] {
		seen[body] = true
	}
	if len(seen) != more || len(g.took()) != 2+more {
		t.Errorf("%d messages by %d calls", len(seen), len(g.took())-2)
	}
	for _, p := range programs {
		if strings.Contains(p.errors.String(), textedCode) {
			t.Errorf("the code is in the log: %s", p.errors)
		}
	}
}

// sealedText is a text message with a code, as a server makes it.
func sealedText(t *testing.T, key string) *models.OutboxMessage {
	t.Helper()
	secrets, err := secret.Read(key)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := secrets.Keys(outbox.Purpose)
	if err != nil {
		t.Fatal(err)
	}
	seal, err := outbox.NewSeal(keys)
	if err != nil {
		t.Fatal(err)
	}
	message := db.ChallengeCode(models.OutboxMessageKindChallengeCodeSms, homeBank, uuid.Must(uuid.NewV7()), uuid.New(), uuid.New(), "+34600000074", time.Now().Add(10*time.Minute),
		models.OutboxPayload{BankName: "Bank", Amount: "1500.00", Currency: "EUR", Payee: "Ines Moreau"})
	if err := seal.SealCode(message, textedCode); err != nil {
		t.Fatal(err)
	}
	return message
}

// waitUntil waits until something is so.
func waitUntil(t *testing.T, is func() bool) {
	t.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	over := time.After(time.Minute)
	for !is() {
		select {
		case <-look.C:
		case <-over:
			t.Fatal("it never came to that")
		}
	}
}
