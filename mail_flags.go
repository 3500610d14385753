package main

import (
	"errors"
	"net"
	"net/url"
	"path/filepath"

	"bankgraph/bank"
	"bankgraph/mail"
)

// Mail says how mail leaves, and where its links lead.
type Mail struct {
	SMTPURL        string `name:"smtp-url" help:"The server that sends mail, smtps://user:password@host:465, or smtp://user:password@host:587 with STARTTLS. Default: none, and nobody can be invited; in the demo mails become files in the outbox of the data directory." placeholder:"URL"`
	SMTPFrom       string `name:"smtp-from" help:"Who its mail is from, such as: Example Bank <bank@example.com>." placeholder:"ADDRESS"`
	SMTPInsecure   bool   `name:"smtp-insecure" help:"Send mail to smtp:// without encryption when the server offers none. Only for a server on a network of your own."`
	InvitationPage string `help:"The page that the links of invitations lead to. The bank and the secret stand behind its #." placeholder:"URL"`
}

// check says what of the flags cannot be.
func (m Mail) check() error {
	if m.SMTPURL == "" {
		return nil
	}
	page, err := url.Parse(m.InvitationPage)
	if err != nil || page.Host == "" || page.Fragment != "" || page.Scheme != "https" && page.Scheme != "http" {
		return errors.New("--smtp-url needs the --invitation-page that its links lead to, such as https://bank.example.com/invitation")
	}
	_, err = m.sender()
	return err
}

func (m Mail) sender() (*mail.Sender, error) {
	return mail.Open(mail.Options{URL: m.SMTPURL, From: m.SMTPFrom, Insecure: m.SMTPInsecure})
}

// post is how the bank writes to people: by a mail server, in the demo into files, and otherwise not at all.
func (m Mail) post(config *Config, listener net.Listener, demo *demo) (bank.Post, error) {
	if m.SMTPURL != "" {
		sender, err := m.sender()
		return bank.Post{Sender: sender, InvitationPage: m.InvitationPage}, err
	}
	if demo.development == nil {
		return bank.Post{}, nil
	}
	page := m.InvitationPage
	if page == "" {
		page = "http://" + listener.Addr().String() + "/"
	}
	return bank.Post{Sender: mail.OpenOutbox(filepath.Join(config.dataDir(), "outbox")), InvitationPage: page}, nil
}
