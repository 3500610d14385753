package outbox_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"bankgraph/db/dbtest"
	"bankgraph/mail"
	"bankgraph/mail/mailtest"
	"bankgraph/models"
	"bankgraph/outbox"
)

const (
	codeSMS   = models.OutboxMessageKindChallengeCodeSms
	codeEmail = models.OutboxMessageKindChallengeCodeEmail
	delivered = models.OutboxMessageStateDelivered
	dead      = models.OutboxMessageStateDead
)

// echo answers with a status and repeats what it was asked for, in every place where an answer has room.
func echo(w http.ResponseWriter, status int, asked call) {
	w.Header().Set("X-Asked", strings.Join(strings.Fields(asked.text), " "))
	w.WriteHeader(status)
	_, _ = fmt.Fprint(w, asked.body)
}

func TestAGatewayThatIsInTroubleIsAskedAgainWithTheSameWords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer func(w http.ResponseWriter, asked call)
		class  string
	}{
		"408":           {func(w http.ResponseWriter, asked call) { echo(w, 408, asked) }, "REFUSED_408"},
		"425":           {func(w http.ResponseWriter, asked call) { echo(w, 425, asked) }, "REFUSED_425"},
		"429":           {func(w http.ResponseWriter, asked call) { echo(w, 429, asked) }, "REFUSED_429"},
		"500":           {func(w http.ResponseWriter, asked call) { echo(w, 500, asked) }, "REFUSED_500"},
		"503":           {func(w http.ResponseWriter, asked call) { w.Header().Set("Retry-After", "86400"); echo(w, 503, asked) }, "REFUSED_503"},
		"a lost answer": {func(http.ResponseWriter, call) { panic(http.ErrAbortHandler) }, "UNREACHABLE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGateway(t, func(w http.ResponseWriter, number int, asked call) {
				if number <= 2 {
					c.answer(w, asked)
				}
			})
			o := newOffice(t, dbtest.Seeded(t), outbox.Options{SMS: g.way(t)})
			o.start(t)
			message := o.message(t, codeSMS)
			o.write(t, message)
			if failure, attempts := o.becomes(t, message, delivered); failure != "" || attempts != 3 {
				t.Errorf("%s after %d", failure, attempts)
			}
			calls := g.all()
			if len(calls) != 3 || calls[0].body != calls[1].body || calls[1].body != calls[2].body {
				t.Errorf("%d calls", len(calls))
			}
			if !strings.Contains(o.log.String(), c.class) {
				t.Errorf("the log has no %s: %s", c.class, o.log)
			}
			o.silent(t)
		})
	}
}

func TestAGatewayThatRefusesIsNotAskedAgainAndItsEchoIsHeardByNobody(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 307, 308, 400, 401, 403, 404, 410, 422} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			elsewhere := newGateway(t, nil)
			g := newGateway(t, func(w http.ResponseWriter, _ int, asked call) {
				w.Header().Set("Location", elsewhere.URL)
				echo(w, status, asked)
			})
			o := newOffice(t, dbtest.Seeded(t), outbox.Options{SMS: g.way(t)})
			o.start(t)
			message := o.message(t, codeSMS)
			o.write(t, message)
			if failure, attempts := o.becomes(t, message, dead); failure != fmt.Sprintf("REFUSED_%d", status) || attempts != 1 {
				t.Errorf("%s after %d", failure, attempts)
			}
			if len(g.all()) != 1 || len(elsewhere.all()) != 0 {
				t.Errorf("%d calls, and %d elsewhere", len(g.all()), len(elsewhere.all()))
			}
			o.silent(t)
		})
	}
}

func TestAGatewayThatStallsHoldsUpNothingElse(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	g := newGateway(t, func(_ http.ResponseWriter, _ int, asked call) {
		if strings.Contains(asked.text, "slow") {
			<-over
		}
	})
	t.Cleanup(func() { close(over) })
	server := mailtest.Start(t, mailtest.Options{TLS: true})
	o := newOffice(t, dbtest.Seeded(t), outbox.Options{SMS: g.way(t), Mail: sender(t, server, "smtps")})
	o.Hurry(soon, quick)
	o.start(t)
	slow := o.message(t, codeSMS, func(m *models.OutboxMessage) { m.Payload.Payee = "slow" })
	o.write(t, slow)
	// underWay is by which try it is, 0 between two.
	underWay := func() (attempt int) {
		err := o.store.Pool().QueryRow(t.Context(), "SELECT CASE WHEN leased_until IS NULL THEN 0 ELSE attempts END FROM outbox_message WHERE message_id = $1", slow.MessageID.String()).Scan(&attempt)
		if err != nil {
			t.Fatal(err)
		}
		return attempt
	}
	eventually(t, func() bool { // others come and go within one try of it; on a busy machine perhaps not at once
		before := underWay()
		text, letter := o.message(t, codeSMS), o.message(t, codeEmail)
		o.write(t, text, letter)
		o.becomes(t, text, delivered)
		o.becomes(t, letter, delivered)
		return before > 0 && underWay() == before
	})
	eventually(t, func() bool { _, failure, attempts, _ := o.row(t, slow); return failure == "TIMEOUT" && attempts >= 2 })
	o.silent(t)
}

func TestAGatewayWithAWrongCertificateLearnsNothing(t *testing.T) {
	t.Parallel()
	g := newGateway(t, nil)
	way, err := outbox.OpenGateway(outbox.GatewayOptions{URL: g.URL, Secret: shared, TrustedAuthorities: x509.NewCertPool()})
	if err != nil {
		t.Fatal(err)
	}
	o := newOffice(t, dbtest.Seeded(t), outbox.Options{SMS: way})
	o.start(t)
	message := o.message(t, codeSMS)
	o.write(t, message)
	eventually(t, func() bool {
		_, failure, attempts, _ := o.row(t, message)
		return failure == "CERTIFICATE" && attempts >= 2
	})
	if len(g.all()) != 0 {
		t.Error("it was called")
	}
	g.Close()
	o.silent(t)
}

func TestAGatewayThatIsDownIsAskedUntilTheTriesAreUsedUp(t *testing.T) {
	t.Parallel()
	// Nobody listens there. The port of a server that was closed may be that of another test's soon.
	way, err := outbox.OpenGateway(outbox.GatewayOptions{URL: "https://127.0.0.1:1", Secret: shared})
	if err != nil {
		t.Fatal(err)
	}
	o := newOffice(t, dbtest.Seeded(t), outbox.Options{SMS: way})
	o.start(t)
	message := o.message(t, codeSMS)
	o.write(t, message)
	if failure, attempts := o.becomes(t, message, dead); failure != "UNREACHABLE" || attempts != 20 {
		t.Errorf("%s after %d", failure, attempts)
	}
}

func sender(t *testing.T, server *mailtest.Server, scheme string) *mail.Sender {
	t.Helper()
	sender, err := mail.Open(mail.Options{URL: scheme + "://" + server.Address, From: "Bank <bank@example.com>", TrustedAuthorities: server.Authorities})
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

func TestAMailLeavesWithTheIdentifierOfItsMessageAndNoCodeInItsSubject(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t, mailtest.Options{StartTLS: true})
	o := newOffice(t, dbtest.Seeded(t), outbox.Options{Mail: sender(t, server, "smtp")})
	o.start(t)
	message := o.message(t, codeEmail, func(m *models.OutboxMessage) { m.Payload.Payee = "Ines\r\n\r\n<b>Moreau</b>" })
	o.write(t, message)
	o.becomes(t, message, delivered)
	received := server.Received()
	if len(received) != 1 || !strings.Contains(received[0].To, "ada.quist@example.com") {
		t.Fatalf("%+v", received)
	}
	head, body, _ := strings.Cut(received[0].Content, "\r\n\r\n")
	if !strings.Contains(head, message.MessageID.String()+"@example.com") || strings.Contains(head, code) || !strings.Contains(head, "Subject: Bank of Greenland: a payment waits") {
		t.Error(head)
	}
	if strings.Count(body, code) != 2 || !strings.Contains(body, "Dear Ada Quist,") || !strings.Contains(body, "to Ines <b>Moreau</b>") || !strings.Contains(body, "Ines &lt;b&gt;Moreau") {
		t.Error(body)
	}
	o.silent(t)
}

// TestALetterTellsWhereTheMoneyGoesWhateverThePayeeIsCalled: the name is the payer's to choose, and must not push the address out of sight.
func TestALetterTellsWhereTheMoneyGoesWhateverThePayeeIsCalled(t *testing.T) {
	t.Parallel()
	server, gateway := mailtest.Start(t, mailtest.Options{StartTLS: true}), newGateway(t, nil)
	o := newOffice(t, dbtest.Seeded(t), outbox.Options{Mail: sender(t, server, "smtp"), SMS: gateway.way(t)})
	o.start(t)
	address := strings.Repeat("1234567890", 12) + "12345678" // as long as one may be
	long := func(m *models.OutboxMessage) {
		m.Payload.PayeeAddress, m.Payload.Payee = address, strings.Repeat("Ines Moreau, ", 12)
		m.Payload.Charge, m.Payload.ChargePolicy = "1.50", models.ChargePolicySender
	}
	letter, text := o.message(t, codeEmail, long), o.message(t, codeSMS, long)
	o.write(t, letter, text)
	o.becomes(t, letter, delivered)
	o.becomes(t, text, delivered)
	content := server.Received()[0].Content
	for where, said := range map[string]string{"mail": strings.NewReplacer("=\r\n", "", "=\n", "").Replace(content), "text message": gateway.all()[0].text} {
		if at := strings.Index(said, "to "+address+", Ines Moreau"); at < 0 || !strings.Contains(said, "…") && !strings.Contains(said, "=E2=80=A6") {
			t.Errorf("the %s says %s", where, said)
		}
		if !strings.Contains(said, "a charge of 1.50 EUR, borne by the payer") {
			t.Errorf("the %s tells of no charge: %s", where, said)
		}
	}
	o.silent(t)
}

func TestAMailServerDecidesWhetherAMailIsTriedAgain(t *testing.T) {
	t.Parallel()
	says := func(code int) func(mail mailtest.Mail) error {
		return func(mail mailtest.Mail) error {
			return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: "no: " + strings.Join(strings.Fields(mail.Content), " ")}
		}
	}
	for name, c := range map[string]struct {
		options mailtest.Options
		class   string
		isDead  bool
	}{
		"never to this address": {mailtest.Options{Refuse: func(string) error { return mailtest.Never }}, "RECIPIENT", true},
		"later":                 {mailtest.Options{Refuse: func(string) error { return mailtest.Later }}, "UNAVAILABLE", false},
		"never this mail":       {mailtest.Options{Reject: says(554)}, "REFUSED", true},
		"this mail later":       {mailtest.Options{Reject: says(451)}, "UNAVAILABLE", false},
		"not without a login":   {mailtest.Options{Login: true}, "REFUSED", true},
		"it hangs":              {mailtest.Options{Hang: true}, "UNAVAILABLE", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.options.TLS = true
			server := mailtest.Start(t, c.options)
			o := newOffice(t, dbtest.Seeded(t), outbox.Options{Mail: sender(t, server, "smtps")})
			if c.options.Hang {
				o.Hurry(soon, quick) // the others need no lease to end, and are tried once for sure by a long one alone
			}
			o.start(t)
			message := o.message(t, codeEmail)
			o.write(t, message)
			if c.isDead {
				if failure, attempts := o.becomes(t, message, dead); failure != c.class || attempts != 1 {
					t.Errorf("%s after %d", failure, attempts)
				}
			} else {
				eventually(t, func() bool {
					_, failure, attempts, _ := o.row(t, message)
					return failure == c.class && attempts >= 2 && (!c.options.Hang || server.Waiting() > 0)
				})
			}
			o.silent(t)
		})
	}
}

func TestAMailServerWithAWrongCertificateLearnsNothing(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t, mailtest.Options{TLS: true})
	server.Authorities = x509.NewCertPool()
	o := newOffice(t, dbtest.Seeded(t), outbox.Options{Mail: sender(t, server, "smtps")})
	o.start(t)
	message := o.message(t, codeEmail)
	o.write(t, message)
	eventually(t, func() bool {
		_, failure, attempts, _ := o.row(t, message)
		return failure == "NO_WAY_IN" && attempts >= 2
	})
	if len(server.Received()) > 0 {
		t.Error("it was sent")
	}
}

func TestWhatIsPointlessOrVoidDoesNotLeaveAndLosesItsSeal(t *testing.T) {
	t.Parallel()
	g := newGateway(t, nil)
	o := newOffice(t, dbtest.Seeded(t), outbox.Options{SMS: g.way(t)})
	late := o.message(t, codeSMS, func(m *models.OutboxMessage) { m.ExpiresAt = time.Now().Add(-time.Second) })
	void := o.message(t, codeSMS)
	o.write(t, late, void)
	if err := o.store.VoidOutboxMessages(t.Context(), void.BankID, void.AboutID); err != nil {
		t.Fatal(err)
	}
	nowhere := newOffice(t, dbtest.Beside(t, o.store), outbox.Options{}) // no way for it, but an eye on its end
	nowhere.start(t)
	if failure, attempts := o.becomes(t, late, dead); failure != "EXPIRED" || attempts != 0 {
		t.Errorf("%s after %d", failure, attempts)
	}
	o.start(t)
	another := o.message(t, codeSMS)
	o.write(t, another)
	o.becomes(t, another, delivered)
	o.becomes(t, void, models.OutboxMessageStateVoid)
	if calls := g.all(); len(calls) != 1 || calls[0].messageID != another.MessageID.String() {
		t.Errorf("%d calls", len(calls))
	}
}

func TestASealOpensForItsMessageOnlyAndForAKeyThatIsStillBelieved(t *testing.T) {
	t.Parallel()
	g := newGateway(t, nil)
	newer := bytes.Repeat([]byte{8}, 32)
	before := newOffice(t, dbtest.Seeded(t), outbox.Options{SMS: g.way(t)})
	o := newOffice(t, before.store, outbox.Options{SMS: g.way(t), Keys: [][]byte{newer, key}})
	good, moved, other, cut := before.message(t, codeSMS), before.message(t, codeSMS), before.message(t, codeSMS), before.message(t, codeSMS)
	moved.Recipient = "+34666666666"
	other.Sealed = good.Sealed
	cut.Sealed = cut.Sealed[:29]
	o.write(t, good, moved, other, cut)
	o.start(t)
	o.becomes(t, good, delivered)
	for _, message := range []*models.OutboxMessage{moved, other, cut} {
		if failure, attempts := o.becomes(t, message, dead); failure != "SEAL" || attempts != 20 {
			t.Errorf("%s after %d", failure, attempts)
		}
	}
	if len(g.all()) != 1 {
		t.Errorf("%d calls", len(g.all()))
	}
	o.silent(t)
}

// TestASealByASecretThatIsNotKnownYetIsLeftToOthers: while the secret is replaced, a replica meets what another one has sealed with the new one.
func TestASealByASecretThatIsNotKnownYetIsLeftToOthers(t *testing.T) {
	t.Parallel()
	g := newGateway(t, nil)
	store := dbtest.Seeded(t)
	late := newOffice(t, store, outbox.Options{SMS: g.way(t), Keys: [][]byte{key}})
	early := newOffice(t, store, outbox.Options{SMS: g.way(t), Keys: [][]byte{bytes.Repeat([]byte{8}, 32), key}})
	message := early.message(t, codeSMS)
	early.write(t, message)
	late.Rest(2 * time.Second) // its tries are not used up before anybody looks
	stop := late.Start(context.WithoutCancel(t.Context()))
	eventually(t, func() bool {
		state, failure, _, isSealed := late.row(t, message)
		return state == string(models.OutboxMessageStateWaiting) && failure == "SEAL" && isSealed
	})
	stop()
	early.start(t)
	early.becomes(t, message, delivered)
	late.silent(t)
}

func TestAnOutboxSaysWhatItCanDeliver(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	way := newGateway(t, nil).way(t)
	for name, c := range map[string]struct {
		options                 outbox.Options
		canText, canMail, alert bool
	}{
		"nothing":       {outbox.Options{Keys: [][]byte{key}}, false, false, false},
		"texts":         {outbox.Options{Keys: [][]byte{key}, SMS: way}, true, false, true},
		"mail":          {outbox.Options{Keys: [][]byte{key}, Mail: mail.OpenOutbox(t.TempDir())}, false, true, false},
		"without a key": {outbox.Options{SMS: way, Mail: mail.OpenOutbox(t.TempDir())}, false, false, true},
	} {
		box, err := outbox.New(store, c.options)
		if err != nil {
			t.Fatal(err)
		}
		if box.CanDeliver(codeSMS) != c.canText || box.CanDeliver(codeEmail) != c.canMail || box.CanDeliver(models.OutboxMessageKindChallengeAlertSms) != c.alert {
			t.Error(name)
		}
	}
	if (*outbox.Outbox)(nil).CanDeliver(codeSMS) {
		t.Error("nobody can deliver")
	}
	(*outbox.Outbox)(nil).Wake()
}

func TestAGatewayNeedsAnAddressAndASecretThatDo(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "gateway.example.com", "http://gateway.example.com", "https://", "https://a/#b", "https://user:hunter2@a b/"} {
		if _, err := outbox.OpenGateway(outbox.GatewayOptions{URL: address, Secret: shared}); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", address, err)
		}
	}
	if _, err := outbox.OpenGateway(outbox.GatewayOptions{URL: "https://gateway.example.com", Secret: []byte("short-secret")}); err == nil || strings.Contains(err.Error(), "short-secret") {
		t.Error(err)
	}
}
