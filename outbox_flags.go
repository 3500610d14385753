package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"

	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/graph"
	"bankgraph/outbox"
	"bankgraph/secret"
	"bankgraph/telemetry"
)

// SMS says how text messages leave.
type SMS struct {
	SMSWebhookURL        string `name:"sms-webhook-url" help:"The gateway that sends text messages: each is a signed POST to this address, https://…, as docs/operations.md has it. Default: none, and no code goes by text message." placeholder:"URL"`
	SMSWebhookSecret     string `name:"sms-webhook-secret" help:"The secret of at least 32 bytes that is shared with it, and signs. Better in the environment or in a file than on the command line, which others can read." placeholder:"SECRET"`
	SMSWebhookSecretFile string `name:"sms-webhook-secret-file" help:"A file with that secret." placeholder:"FILE"`
}

// Webhook says how webhooks of banks are called.
type Webhook struct {
	WebhookPrivate bool     `help:"Call webhooks at addresses that are not public, too, such as 127.0.0.1 or 10.0.0.1. For development and tests: whoever may manage webhooks could reach what only this server should."`
	WebhookDeny    []string `help:"Addresses at which no webhook is called in any case, such as a network of your own whose addresses are public." placeholder:"PREFIX"`
}

// check says what of the flags cannot be.
func (w Webhook) check() error {
	_, err := w.denied()
	return err
}

// denied are where no webhook is called.
func (w Webhook) denied() ([]netip.Prefix, error) {
	prefixes := make([]netip.Prefix, len(w.WebhookDeny))
	for i, text := range w.WebhookDeny {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, errors.New("--webhook-deny should name prefixes such as 198.51.100.0/24 or 2001:db8::/32")
		}
		prefixes[i] = prefix.Masked()
	}
	return prefixes, nil
}

// check says what of the flags cannot be.
func (s SMS) check() error {
	switch {
	case s.SMSWebhookSecret != "" && s.SMSWebhookSecretFile != "":
		return errors.New("--sms-webhook-secret and --sms-webhook-secret-file are two secrets: name one")
	case (s.SMSWebhookURL == "") != (s.SMSWebhookSecret == "" && s.SMSWebhookSecretFile == ""):
		return errors.New("--sms-webhook-url needs a --sms-webhook-secret or a --sms-webhook-secret-file, and they need it")
	}
	_, err := s.gateway()
	return err
}

// gateway is the way for text messages, nil when there is none.
func (s SMS) gateway() (*outbox.Gateway, error) {
	if s.SMSWebhookURL == "" {
		return nil, nil
	}
	shared := []byte(s.SMSWebhookSecret)
	if s.SMSWebhookSecretFile != "" {
		var err error
		if shared, err = readSecret(s.SMSWebhookSecretFile); err != nil {
			return nil, err
		}
	}
	return outbox.OpenGateway(outbox.GatewayOptions{URL: s.SMSWebhookURL, Secret: shared})
}

// mostSecret is far above what anybody shares with a gateway; a file that is longer is another file.
const mostSecret = 4 << 10

// readSecret reads what somebody else knows, too. Blanks around it are an editor's.
func readSecret(path string) ([]byte, error) {
	text, err := os.ReadFile(path) //nolint:gosec // an operator names it
	if err != nil {
		return nil, fmt.Errorf("read the secret that is shared with the gateway for text messages: %w", err)
	}
	if text = bytes.TrimSpace(text); len(text) > mostSecret {
		return nil, errors.New("the file with the secret that is shared with the gateway for text messages holds something else")
	}
	return text, nil
}

// open is the outbox of the server. What it has no way for, it leaves to other replicas.
func (s SMS) open(hooks Webhook, store *db.Store, secrets secret.Secrets, post bank.Post, watch *telemetry.Telemetry, log *slog.Logger) (*outbox.Outbox, error) {
	if s.SMSWebhookURL != "" && !secrets.Exist() {
		return nil, errors.New("--sms-webhook-url needs the --secret-key-file that codes are sealed with, the same for all replicas")
	}
	gateway, err := s.gateway()
	if err != nil {
		return nil, err
	}
	keys, err := secrets.Keys(outbox.Purpose)
	if err != nil {
		return nil, err
	}
	denied, err := hooks.denied()
	if err != nil {
		return nil, err
	}
	called := outbox.OpenHooks(outbox.HookOptions{Private: hooks.WebhookPrivate, Denied: denied})
	return outbox.New(store, outbox.Options{Keys: keys, Mail: post.Sender, SMS: gateway, Hooks: called, Log: log, Describe: graph.Describe, Count: watch.Delivered})
}

// deliver delivers until it is told to stop, which waits for what is under way. Webhooks whose receivers say that they are gone are disabled.
func deliver(ctx context.Context, box *outbox.Outbox, verbs *bank.Bank) (stop func()) {
	box.WhenGone(verbs.WebhookGone)
	return box.Start(ctx)
}
