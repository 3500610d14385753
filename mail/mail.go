// Package mail sends mail: through a server that speaks SMTP, or, for trying things out, into a folder. It knows nothing of
// what the mail is about.
//
// What always holds: Send comes to an end in five seconds, whatever the server does; when it returns no error, a server has taken
// the mail, and when it returns one, none has, or none has said so in time; no line of a header comes from a name or an address;
// and no error repeats what is in the mail.
package mail

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/mail"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	smtp "github.com/wneessen/go-mail"
)

// patience is how long a server may take for one mail. It is below the deadline of a request (10 s), in which the mail is sent.
const patience = 5 * time.Second

// What can go wrong, for errors.Is. Everything else is a mistake in the configuration: a password, a sender that the server does not
// know, a server without TLS.
var (
	// ErrUnavailable says that the server is down, does not answer in time, or asks to try again later.
	ErrUnavailable = errors.New("the mail server is not there at the moment")
	// ErrRecipient says that the server will never take mail for this address.
	ErrRecipient = errors.New("the mail server takes no mail for this address")
	// ErrRefused says that the server will never take this mail, or none of this sender.
	ErrRefused = errors.New("the mail server refused")
	// ErrMessage says that this is no mail that could be sent.
	ErrMessage = errors.New("compose a mail: a control character is in its head")
)

// Message is a mail to one person, in two forms of the same content.
type Message struct {
	ID            string // the same whenever the same mail is sent again, so that whoever gets two can tell; empty for a new one
	Name, Address string // whom it is for
	Subject       string
	Text, HTML    string
}

// Sender sends mail. It is safe for use by many.
type Sender struct {
	from   mail.Address
	outbox string // a folder; empty with a server
	server server
}

// server is how to reach a mail server.
type server struct {
	host               string
	port               int
	user, password     string
	isTLS              bool // from the first byte, as smtps:// has it
	mayBeUnprotected   bool
	trustedAuthorities *x509.CertPool // nil for those of the system
}

// Options say how mail leaves.
type Options struct {
	URL                string         // smtps://user:password@host:465, or smtp://host:587
	From               string         // who the mail is from: an address, perhaps with a name
	Insecure           bool           // whether smtp:// may go on without TLS when the server offers none
	TrustedAuthorities *x509.CertPool // who may vouch for the server; nil for those whom the system trusts
}

// Open is a Sender through a server. It does not connect: a mail server that is down must not keep the program from starting.
func Open(o Options) (*Sender, error) {
	from, err := mail.ParseAddress(o.From)
	if err != nil {
		return nil, errors.New("the sender of mails is no e-mail address: it should look like bank@example.com, or: Example Bank <bank@example.com>")
	}
	address, err := url.Parse(o.URL)
	// The address may hold a password: it is not repeated.
	if err != nil || address.Hostname() == "" || address.Scheme != "smtp" && address.Scheme != "smtps" || strings.Trim(address.Path, "/") != "" {
		return nil, errors.New("the mail server's address is not understood: it should look like smtps://user:password@host:465 or smtp://user:password@host:587")
	}
	s := server{host: address.Hostname(), isTLS: address.Scheme == "smtps", mayBeUnprotected: o.Insecure, trustedAuthorities: o.TrustedAuthorities}
	s.user = address.User.Username()
	s.password, _ = address.User.Password()
	s.port = map[bool]int{true: 465, false: 587}[s.isTLS]
	if address.Port() != "" {
		if s.port, err = strconv.Atoi(address.Port()); err != nil {
			return nil, errors.New("the mail server's port is no number")
		}
	}
	return &Sender{from: *from, server: s}, nil
}

// OpenOutbox is a Sender that puts each mail into a folder as a file, which every program for mail can show.
func OpenOutbox(folder string) *Sender {
	return &Sender{from: mail.Address{Name: "bankgraph", Address: "bankgraph@localhost"}, outbox: folder}
}

// Send sends a mail.
func (s *Sender) Send(ctx context.Context, m Message) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	message, err := s.compose(m)
	if err != nil {
		return err
	}
	if s.outbox != "" {
		return s.keep(message)
	}
	return s.server.send(ctx, message)
}

// compose makes the mail. The library encodes what a header cannot hold; what could end a line is refused before, since nobody is
// called so.
func (s *Sender) compose(m Message) (*smtp.Msg, error) {
	for _, text := range []string{m.ID, m.Name, m.Address, m.Subject} {
		if strings.ContainsFunc(text, unicode.IsControl) {
			return nil, ErrMessage
		}
	}
	to, err := mail.ParseAddress(m.Address)
	if err != nil || to.Address != m.Address || to.Name != "" {
		return nil, ErrRecipient
	}
	message := smtp.NewMsg()
	message.FromMailAddress(&s.from)
	message.ToMailAddress(&mail.Address{Name: m.Name, Address: m.Address})
	message.Subject(m.Subject)
	message.SetDate()
	// The library would tell the name of this machine.
	_, domain, _ := strings.Cut(s.from.Address, "@")
	message.SetMessageIDWithValue(cmp.Or(m.ID, uuid.NewString()) + "@" + domain)
	message.SetBodyString(smtp.TypeTextPlain, m.Text)
	message.AddAlternativeString(smtp.TypeTextHTML, m.HTML)
	return message, nil
}

// keep writes the mail into the outbox. Only this user may read it: it may hold a secret.
func (s *Sender) keep(message *smtp.Msg) error {
	if err := os.MkdirAll(s.outbox, 0o700); err != nil {
		return fmt.Errorf("make the outbox: %w", err)
	}
	var content bytes.Buffer
	if _, err := message.WriteTo(&content); err != nil {
		return fmt.Errorf("write a mail: %w", err)
	}
	name := time.Now().UTC().Format("20060102T150405.000") + "-" + uuid.NewString()[:8] + ".eml"
	if err := os.WriteFile(filepath.Join(s.outbox, name), content.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write into the outbox: %w", err)
	}
	return nil
}

// send hands the mail to the server.
func (s server) send(ctx context.Context, message *smtp.Msg) error {
	line := &line{}
	defer line.end() // the library leaves it open where it fails before the first command
	client, err := smtp.NewClient(s.host, s.options(line)...)
	if err != nil {
		return fmt.Errorf("set up the mail client: %w", err)
	}
	err = client.DialAndSendWithContext(ctx, message)
	if err == nil || message.IsDelivered() {
		return nil // a server that took the mail and then does not say goodbye has taken it
	}
	return meaning(ctx, err)
}

func (s server) options(line *line) []smtp.Option {
	config := &tls.Config{ServerName: s.host, RootCAs: s.trustedAuthorities, MinVersion: tls.VersionTLS12}
	policy := smtp.TLSMandatory
	if s.mayBeUnprotected {
		policy = smtp.TLSOpportunistic
	}
	options := []smtp.Option{smtp.WithPort(s.port), smtp.WithTimeout(patience), smtp.WithTLSConfig(config), smtp.WithTLSPolicy(policy)}
	if s.isTLS {
		options = append(options, smtp.WithSSL())
		line.protection = config
	}
	options = append(options, smtp.WithDialContextFunc(line.dial))
	if s.user != "" {
		// The last two send the password itself; the library refuses to do so without TLS, but to this machine.
		options = append(options, smtp.WithUsername(s.user), smtp.WithPassword(s.password),
			smtp.WithOpportunisticSMTPAuth(smtp.SMTPAuthSCRAMSHA256, smtp.SMTPAuthSCRAMSHA1, smtp.SMTPAuthPlain, smtp.SMTPAuthLogin))
	}
	return options
}

// line is the connection of one mail. The library gives each step a new deadline, so that a server that answers slowly enough would
// hold it for minutes: here the deadline is that of the whole, and cannot be moved.
type line struct {
	net.Conn

	protection *tls.Config // nil without TLS from the first byte
	deadline   time.Time
}

func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	connection, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l.Conn = connection
	l.deadline, _ = ctx.Deadline()
	if err := l.SetDeadline(l.deadline); err != nil || l.protection == nil {
		return l, err
	}
	protected := tls.Client(l, l.protection)
	return protected, protected.HandshakeContext(ctx)
}

// SetDeadline sets the deadline that it has.
func (l *line) SetDeadline(time.Time) error { return l.Conn.SetDeadline(l.deadline) }

func (l *line) end() {
	if l.Conn != nil {
		_ = l.Close() // most often it is closed already
	}
}

// meaning tells a server that is not there from one that refuses. The words of the server are not kept: they may repeat the mail.
func meaning(ctx context.Context, err error) error {
	var refused *smtp.SendError
	var network net.Error
	var answer *textproto.Error          // before the mail itself: the greeting, TLS, the login
	var nonsense textproto.ProtocolError // half an answer, when the time is over, is nonsense, too
	isRefused := errors.As(err, &refused)
	switch {
	case ctx.Err() != nil, errors.As(err, &network), errors.Is(err, io.EOF), errors.As(err, &nonsense),
		isRefused && refused.ErrorCode() < permanent, // 0 is a connection that broke
		!isRefused && errors.As(err, &answer) && answer.Code < permanent:
		return ErrUnavailable
	case isRefused && refused.Reason == smtp.ErrSMTPRcptTo:
		return ErrRecipient
	case isRefused:
		return fmt.Errorf("%w: %s, with %d", ErrRefused, refused.Reason, refused.ErrorCode())
	}
	return errors.New("the mail server does not let us in: look at its certificate, TLS, the user and the password")
}

// permanent is the first code of SMTP that means never; the lower ones mean later.
const permanent = 500
