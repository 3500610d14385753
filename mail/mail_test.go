package mail_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	netmail "net/mail"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bankgraph/mail"
	"bankgraph/mail/mailtest"
)

var message = mail.Message{
	Name: "Ada Quist", Address: "ada.quist@example.com", Subject: "An invitation", Text: "Follow this link.\n", HTML: "<p>Follow this link.</p>\n",
}

// open is a Sender to a server of a test.
func open(t *testing.T, o mail.Options) *mail.Sender {
	t.Helper()
	o.From = "Example Bank <bank@example.com>"
	sender, err := mail.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

func TestAMailArrives(t *testing.T) {
	t.Parallel()
	login := url.UserPassword(mailtest.User, mailtest.Password).String() + "@"
	for name, test := range map[string]struct {
		server       mailtest.Options
		scheme, user string
		insecure     bool
	}{
		"with TLS from the first byte":                        {mailtest.Options{TLS: true}, "smtps", "", false},
		"with TLS from the first byte and a login":            {mailtest.Options{TLS: true, Login: true}, "smtps", login, false},
		"with STARTTLS":                                       {mailtest.Options{StartTLS: true}, "smtp", "", false},
		"with STARTTLS and a login":                           {mailtest.Options{StartTLS: true, Login: true}, "smtp", login, false},
		"with STARTTLS, where it need not be":                 {mailtest.Options{StartTLS: true}, "smtp", "", true},
		"without encryption, where that was expressly wished": {mailtest.Options{}, "smtp", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := mailtest.Start(t, test.server)
			sender := open(t, mail.Options{URL: test.scheme + "://" + test.user + server.Address, Insecure: test.insecure, TrustedAuthorities: server.Authorities})
			if err := sender.Send(t.Context(), message); err != nil {
				t.Fatal(err)
			}
			received := server.Received()
			if len(received) != 1 || received[0].To != message.Address || received[0].From != "bank@example.com" {
				t.Fatalf("%+v", received)
			}
			read, err := netmail.ReadMessage(strings.NewReader(received[0].Content))
			if err != nil {
				t.Fatal(err)
			}
			if got := read.Header.Get("Subject"); got != message.Subject {
				t.Errorf("the subject is %q", got)
			}
			body, err := io.ReadAll(read.Body)
			if err != nil || !strings.Contains(string(body), "text/plain") || !strings.Contains(string(body), "text/html") || strings.Count(string(body), "Follow this link.") != 2 {
				t.Errorf("%v %s", err, body)
			}
		})
	}
}

func TestAMailThatCannotBeSentIsNot(t *testing.T) {
	t.Parallel()
	refusing := func(answer error) mailtest.Options {
		return mailtest.Options{StartTLS: true, Refuse: func(string) error { return answer }}
	}
	for name, test := range map[string]struct {
		server  mailtest.Options
		user    string
		trusted bool
		want    error // nil: a mistake in the configuration
	}{
		"the server knows no such recipient":                     {refusing(mailtest.Never), "", true, mail.ErrRecipient},
		"the server asks to come back later":                     {refusing(mailtest.Later), "", true, mail.ErrUnavailable},
		"the server takes the mail and never says so":            {mailtest.Options{StartTLS: true, Hang: true}, "", true, mail.ErrUnavailable},
		"the server offers no encryption, and it must":           {mailtest.Options{}, "", true, nil},
		"the server has a certificate that nobody vouches for":   {mailtest.Options{StartTLS: true}, "", false, nil},
		"the server does not know the password":                  {mailtest.Options{StartTLS: true, Login: true}, "bankgraph:wr0ng@", true, nil},
		"the server wants a login, and there is none":            {mailtest.Options{StartTLS: true, Login: true}, "", true, nil},
		"the server has no login, and the password is kept back": {mailtest.Options{StartTLS: true}, "bankgraph:wr0ng@", true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := mailtest.Start(t, test.server)
			options := mail.Options{URL: "smtp://" + test.user + server.Address}
			if test.trusted {
				options.TrustedAuthorities = server.Authorities
			}
			started := time.Now()
			err := open(t, options).Send(t.Context(), message)
			if err == nil || test.want != nil && !errors.Is(err, test.want) || test.want == nil && (errors.Is(err, mail.ErrUnavailable) || errors.Is(err, mail.ErrRecipient)) {
				t.Errorf("%v instead of %v", err, test.want)
			}
			if strings.Contains(fmt.Sprint(err), "Ada") || strings.Contains(fmt.Sprint(err), "ada.quist") || strings.Contains(fmt.Sprint(err), "wr0ng") || strings.Contains(fmt.Sprint(err), "no such user") {
				t.Errorf("the error repeats what it must not: %v", err)
			}
			if took := time.Since(started); took > 7*time.Second || len(server.Received()) != 0 {
				t.Errorf("it took %s, and the server has %d mails", took, len(server.Received()))
			}
		})
	}
}

// TestAServerThatIsNotThere speaks to addresses where there is no mail server, or one that is broken.
func TestAServerThatIsNotThere(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(net.Conn){
		"nobody listens":      nil,
		"it hangs up at once": func(c net.Conn) { _ = c.Close() },
		"it says nothing":     func(net.Conn) {},
		"it is too busy":      func(c net.Conn) { _, _ = io.WriteString(c, "421 too many connections\r\n") },
		"it greets slower than anybody waits": func(c net.Conn) {
			for { // a letter every fifth of a second, as long as somebody listens
				if _, err := io.WriteString(c, "2"); err != nil {
					return
				}
				<-time.After(200 * time.Millisecond)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			if answer == nil {
				listener.Close()
			} else {
				go func() {
					if connection, err := listener.Accept(); err == nil {
						answer(connection)
					}
				}()
			}
			started := time.Now()
			err = open(t, mail.Options{URL: "smtp://" + listener.Addr().String()}).Send(t.Context(), message)
			if took := time.Since(started); !errors.Is(err, mail.ErrUnavailable) || took > 6*time.Second {
				t.Errorf("%v after %s", err, took)
			}
		})
	}
}

func TestACallerWhoLeavesEndsTheSending(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t, mailtest.Options{StartTLS: true, Hang: true})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	started := time.Now()
	err := open(t, mail.Options{URL: "smtp://" + server.Address, TrustedAuthorities: server.Authorities}).Send(ctx, message)
	if took := time.Since(started); !errors.Is(err, mail.ErrUnavailable) || took > 3*time.Second {
		t.Errorf("%v after %s", err, took)
	}
}

func TestNoHeaderComesFromANameOrAnAddress(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t, mailtest.Options{})
	sender := open(t, mail.Options{URL: "smtp://" + server.Address, Insecure: true})
	for name, change := range map[string]func(*mail.Message){
		"a line break in the name":                   func(m *mail.Message) { m.Name = "Ada\r\nBcc: everybody@example.com" },
		"a lone line feed in the name":               func(m *mail.Message) { m.Name = "Ada\nBcc: everybody@example.com" },
		"a lone carriage return in the name":         func(m *mail.Message) { m.Name = "Ada\rBcc: everybody@example.com" },
		"a line break in the subject":                func(m *mail.Message) { m.Subject = "Hello\r\nX-Spam: no" },
		"a line break in the address":                func(m *mail.Message) { m.Address = "ada@example.com\r\nRCPT TO:<everybody@example.com>" },
		"a line break in quotes in the address":      func(m *mail.Message) { m.Address = "\"ada\r\n\"@example.com" },
		"two addresses":                              func(m *mail.Message) { m.Address = "ada@example.com, everybody@example.com" },
		"an address with a name":                     func(m *mail.Message) { m.Address = "Everybody <everybody@example.com>" },
		"an address with the end of an SMTP command": func(m *mail.Message) { m.Address = "ada@example.com> SIZE=1 <x" },
		"a NUL": func(m *mail.Message) { m.Name = "Ada\x00" },
	} {
		bad := message
		change(&bad)
		if err := sender.Send(t.Context(), bad); err == nil {
			t.Errorf("%s was sent", name)
		}
	}
	if received := server.Received(); len(received) != 0 {
		t.Fatalf("%+v", received)
	}
	for _, name := range []string{`Ada "the" Quist`, "Åda Qüist, of <Oslo>", "=?utf-8?q?Ada?=", `Ada\`, "Ada; Bcc: everybody@example.com", strings.Repeat("Ada Åda ", 12)} {
		strange := message
		strange.Name, strange.Subject = name, name
		if err := sender.Send(t.Context(), strange); err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		received := server.Received()
		last := received[len(received)-1]
		read, err := netmail.ReadMessage(strings.NewReader(last.Content))
		if err != nil {
			t.Fatal(err)
		}
		to, err := read.Header.AddressList("To")
		if err != nil || len(to) != 1 || to[0].Address != message.Address || last.To != message.Address || read.Header.Get("Bcc") != "" {
			t.Errorf("%q: %v %v in %s", name, to, err, last.Content)
			continue
		}
		if strings.TrimSpace(to[0].Name) != strings.TrimSpace(name) {
			t.Errorf("%q arrives as %q", name, to[0].Name)
		}
	}
}

func TestTheOutboxKeepsMailsForThisUserOnly(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "outbox")
	sender := mail.OpenOutbox(folder)
	for range 3 {
		if err := sender.Send(t.Context(), message); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.eml"))
	if err != nil || len(files) != 3 {
		t.Fatal(files, err)
	}
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v %v", info.Mode(), err)
		}
		content, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		if read, err := netmail.ReadMessage(content); err != nil || read.Header.Get("To") != `"Ada Quist" <ada.quist@example.com>` {
			t.Errorf("%v %v", read, err)
		}
		content.Close()
	}
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := mail.OpenOutbox(blocked).Send(t.Context(), message); err == nil {
		t.Error("a mail went into a folder that is none")
	}
}

func TestAnAddressThatIsNoneIsRefusedWithoutItsPassword(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "mail.example.com", "http://u:hush@mail.example.com", "smtp://", "smtp://u:hush@host:port", "smtps://u:hush@host:465/path", "smtp://u:hu%zzsh@host", "smtp://u:hush@host:587\n"} {
		_, err := mail.Open(mail.Options{URL: address, From: "bank@example.com"})
		if err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%q: %v", address, err)
		}
	}
	for _, from := range []string{"", "bank", "bank@example.com, other@example.com", "bank@example.com\r\nBcc: x@example.com"} {
		if _, err := mail.Open(mail.Options{URL: "smtp://host", From: from}); err == nil {
			t.Errorf("%q may send", from)
		}
	}
}
