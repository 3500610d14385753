package outbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/semaphore"

	"bankgraph/models"
)

// MessageHeader has the identifier of a message to a webhook, as its body has: what sorts calls need not read bodies.
const MessageHeader = "Bankgraph-Message-Id"

const (
	// webhookTries is how often a message to a webhook is tried: with the pauses longer than the day that it lives, which is what ends it.
	webhookTries = 600
	// hooksAtOnce is how many messages to webhooks are under way in a replica; hookAtOnce to one of them, and bankAtOnce in the name of one bank.
	hooksAtOnce = 64
	hookAtOnce  = 4
	bankAtOnce  = 8
	// atDatabase is how many of these are at the database at once, to read their webhook or to note what came of it, and acquireTime how long one waits for that with what came of it: together with
	// deliveryTime and markTime it is less than a lease.
	atDatabase  = 4
	acquireTime = 10 * time.Second
)

// Hooks calls the webhooks that banks name. Nobody here knows whose servers they are: it connects to public addresses only, follows no redirect, and keeps nothing of an answer.
type Hooks struct {
	dialer *net.Dialer
	client *http.Client
}

// HookOptions say whom Hooks trusts.
type HookOptions struct {
	Private            bool           // whether it connects to addresses that are not public, too: for development and tests
	Denied             []netip.Prefix // where it does not connect to in any case
	TrustedAuthorities *x509.CertPool // who may vouch for webhooks; nil for those whom the system trusts
}

// OpenHooks are Hooks.
func OpenHooks(o HookOptions) *Hooks {
	dialer := &net.Dialer{Timeout: gatewayTime, ControlContext: gate{o.Private, o.Denied}.control}
	transport := &http.Transport{
		// No proxy: it would look names up itself, and connect to where we must not.
		DialContext:         dialer.DialContext,
		TLSClientConfig:     &tls.Config{RootCAs: o.TrustedAuthorities, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: gatewayTime,
		ForceAttemptHTTP2:   true,
		MaxIdleConns:        hooksAtOnce, MaxIdleConnsPerHost: hookAtOnce, IdleConnTimeout: time.Minute,
		MaxResponseHeaderBytes: mostRead,
	}
	follow := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Hooks{dialer, &http.Client{Transport: transport, CheckRedirect: follow}}
}

// hookCarrier carries messages to webhooks: each is read when it is its turn, so that a new address or secret counts from then on.
type hookCarrier struct {
	hooks    *Hooks
	box      *Outbox
	database *semaphore.Weighted // that of its lane
}

func (c hookCarrier) carry(ctx context.Context, message *models.OutboxMessage, _ string) *failure {
	var webhook *models.Webhook
	err := inTurn(ctx, c.database, func() (err error) {
		webhook, err = c.box.store.Webhook(ctx, message.BankID, message.AboutID)
		return err
	})
	switch {
	case err != nil:
		return &failure{class: "DATABASE"}
	case webhook == nil, !webhook.IsEnabled:
		return &failure{isVoid: true}
	case message.Payload.Event == nil:
		return &failure{class: "WORDS", isFinal: true}
	}
	secrets, err := c.box.openSecrets(webhook)
	if err != nil {
		return &failure{class: "SEAL"} // the key of another secret: somebody may name it while the message lives
	}
	ctx, cancel := context.WithTimeout(ctx, gatewayTime)
	defer cancel()
	return c.hooks.call(ctx, webhook, message, secrets)
}

// call makes the one call. The body is the same, byte for byte, whenever the same message is carried again.
func (h *Hooks) call(ctx context.Context, webhook *models.Webhook, message *models.OutboxMessage, secrets []string) *failure {
	body, err := json.Marshal(webhook.Call(message))
	if err != nil {
		return &failure{class: "WORDS", isFinal: true}
	}
	timestamp := strconv.FormatInt(time.Now().Unix(), 10)
	signatures := make([]string, len(secrets))
	for i, secret := range secrets {
		signatures[i] = hex.EncodeToString(Sign([]byte(secret), timestamp, body))
	}
	response, failed := post(ctx, h.client, webhook.URL, body, http.Header{
		TimestampHeader: {timestamp}, SignatureHeader: {strings.Join(signatures, ",")}, MessageHeader: {message.ID().String()},
	})
	if failed != nil { // why, is for the log alone: who may name addresses would learn what is where behind them
		failed.detail, failed.class = failed.class, "UNREACHABLE"
		return failed
	}
	defer response.Body.Close() //nolint:errcheck // nothing of it is needed
	failed = meaning(response, time.Now())
	switch {
	case failed == nil:
		discard(response)
	case response.StatusCode == http.StatusGone:
		failed.gone = webhook
	default: // whatever it says, somebody may put it right while the message lives
		failed.isFinal = false
	}
	return failed
}
