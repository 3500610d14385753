// Package mailtest gives tests a real mail server of their own, which speaks SMTP at an address of this machine.
package mailtest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// The account that servers with a login know.
const (
	User     = "bankgraph"
	Password = "s3cret/with:signs"
)

// Options say how a server behaves. The zero Options take every mail, without TLS.
type Options struct {
	TLS      bool                  // from the first byte
	StartTLS bool                  // when the client asks
	Login    bool                  // only for User
	Refuse   func(to string) error // what it says to a recipient; nil for nothing
	Reject   func(mail Mail) error // what it says to a mail that it has read; nil for nothing
	Hang     bool                  // take the mail, and never say so
}

// Server is a mail server.
type Server struct {
	Address     string         // host and port
	Authorities *x509.CertPool // who vouches for it

	mu       sync.Mutex
	received []Mail
	waiting  int
	options  Options
	ended    chan struct{}
	end      func()
}

// Mail is what the server took.
type Mail struct {
	From, To, Content string
}

// Received are the mails that the server took.
func (s *Server) Received() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail{}, s.received...)
}

// Start starts a server, which the end of the test stops.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	// Its certificate is good for this machine, and its authority is known to nobody else.
	web := httptest.NewTLSServer(nil)
	defer web.Close()
	s := &Server{options: o, ended: make(chan struct{}), Authorities: x509.NewCertPool()}
	s.Authorities.AddCert(web.Certificate())
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it ends with the test
	if err != nil {
		t.Fatal(err)
	}
	s.Address = listener.Addr().String()
	certificate := &tls.Config{Certificates: web.TLS.Certificates, MinVersion: tls.VersionTLS12}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{server: s}, nil }))
	server.Domain, server.AllowInsecureAuth = "mail.example.com", true
	server.ErrorLog = log.New(io.Discard, "", 0) // connections that break are what is tested
	if o.StartTLS {
		server.TLSConfig = certificate
	}
	if o.TLS {
		listener = tls.NewListener(listener, certificate)
	}
	go server.Serve(listener) //nolint:errcheck // it ends by Close
	s.end = sync.OnceFunc(func() {
		close(s.ended)
		_ = listener.Close() // the server may not know it yet
		_ = server.Close()
	})
	t.Cleanup(s.end)
	return s
}

// Stop ends the server before the end of the test.
func (s *Server) Stop() { s.end() }

// Waiting is how many mails the server has taken and says nothing to.
func (s *Server) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waiting
}

// session is one connection.
type session struct {
	server *Server
	mail   Mail
	isIn   bool
}

var (
	_ smtp.Session     = (*session)(nil)
	_ smtp.AuthSession = (*session)(nil)
)

// AuthMechanisms are how to log in.
func (s *session) AuthMechanisms() []string {
	if !s.server.options.Login {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth logs in.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != User || password != Password {
			return smtp.ErrAuthFailed
		}
		s.isIn = true
		return nil
	}), nil
}

// Mail notes the sender.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.server.options.Login && !s.isIn {
		return smtp.ErrAuthRequired
	}
	s.mail.From = from
	return nil
}

// Rcpt notes the recipient.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.To = strings.TrimPrefix(s.mail.To+","+to, ",")
	if s.server.options.Refuse != nil {
		return s.server.options.Refuse(to)
	}
	return nil
}

// Data takes the mail.
func (s *session) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.server.options.Hang {
		s.server.mu.Lock()
		s.server.waiting++
		s.server.mu.Unlock()
		<-s.server.ended
		return errors.New("too late")
	}
	s.mail.Content = string(content)
	if s.server.options.Reject != nil {
		if err := s.server.options.Reject(s.mail); err != nil {
			return err
		}
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.received = append(s.server.received, s.mail)
	return nil
}

// Reset forgets the mail that is on its way.
func (s *session) Reset() { s.mail = Mail{} }

// Logout ends.
func (*session) Logout() error { return nil }

// Never is an answer that is for ever.
var Never = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user here"}

// Later is an answer that may change.
var Later = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "come back in an hour"}
