package bank

import (
	"embed"
	"fmt"
	html "html/template"
	"net/url"
	"strings"
	text "text/template"

	"bankgraph/mail"
	"bankgraph/models"
)

// Post is how the bank writes to people. The zero Post does not.
type Post struct {
	Sender         *mail.Sender // nil when no mail can be sent
	InvitationPage string       // the page that takes invitations
}

// WithPost is the Bank with a way to write to people.
func (b *Bank) WithPost(post Post) *Bank {
	with := *b
	with.post = post
	return &with
}

// The mails, each in two forms. Whatever comes from people is escaped in the HTML, and is a word in the text.
var (
	//go:embed mails
	mails     embed.FS
	textMails = text.Must(text.ParseFS(mails, "mails/*.txt"))
	htmlMails = html.Must(html.ParseFS(mails, "mails/*.html"))
)

// invitationMails are the mails by purpose: the names of their files, and what they are about.
var invitationMails = map[models.InvitationPurpose]struct{ file, subject string }{
	models.InvitationPurposeDeveloper: {"invite_developer", "Build on the services of %s"},
	models.InvitationPurposeCustomer:  {"invite_customer", "Become a customer of %s"},
}

// invitationMail is the mail with the secret. It stands behind the # of the link, which browsers keep to themselves: no server writes it into a log.
func (p Post) invitationMail(bank *models.Bank, invitation *models.UserInvitation, secret string) (mail.Message, error) {
	kind := invitationMails[invitation.Purpose]
	content := struct {
		Invitation *models.UserInvitation
		Bank       *models.Bank
		Link       string
	}{invitation, bank, p.InvitationPage + "#" + url.Values{"bankId": {bank.BankID}, "secret": {secret}}.Encode()}
	var inText, inHTML strings.Builder
	if err := textMails.ExecuteTemplate(&inText, kind.file+".txt", content); err != nil {
		return mail.Message{}, fmt.Errorf("write a mail: %w", err)
	}
	if err := htmlMails.ExecuteTemplate(&inHTML, kind.file+".html", content); err != nil {
		return mail.Message{}, fmt.Errorf("write a mail: %w", err)
	}
	return mail.Message{
		Name: invitation.FirstName + " " + invitation.LastName, Address: invitation.Email,
		Subject: fmt.Sprintf(kind.subject, bank.FullName), Text: inText.String(), HTML: inHTML.String(),
	}, nil
}
