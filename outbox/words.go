package outbox

import (
	"embed"
	"fmt"
	html "html/template"
	"slices"
	"strings"
	text "text/template"
	"time"
	"unicode"

	"bankgraph/mail"
	"bankgraph/models"
)

// The words of messages: what comes from people is escaped in HTML, and one short line everywhere. They depend on nothing but the row and the code, so that a message
// that leaves twice says the same twice.
var (
	//go:embed words
	words     embed.FS
	texts     = text.Must(text.ParseFS(words, "words/*.txt"))
	htmlTexts = html.Must(html.ParseFS(words, "words/*.html"))
)

// content is what the words are made of.
type content struct {
	models.OutboxPayload

	Code    string
	Expires string
	Blocked string
	To      string // where it goes, and by which name
	Bearer  string // who bears the charge
}

// bearers are those who bear a charge, in words.
var bearers = map[models.ChargePolicy]string{
	models.ChargePolicyShared: "shared by payer and payee", models.ChargePolicySender: "borne by the payer", models.ChargePolicyReceiver: "borne by the payee",
}

func contentOf(message *models.OutboxMessage, code string) content {
	const instant = "15:04 UTC"
	c := content{OutboxPayload: message.Payload, Code: code, Expires: message.ExpiresAt.UTC().Format(instant)}
	if until := message.Payload.BlockedUntil; until != nil {
		c.Blocked = until.UTC().Format(time.DateOnly + " " + instant)
	}
	for _, part := range []*string{&c.BankName, &c.Name, &c.Payee, &c.Amount, &c.Currency, &c.Charge} {
		*part = short(line(*part))
	}
	c.Bearer = bearers[c.ChargePolicy]
	// The address is all of who gets it that nobody chose: it comes before the name, and whole.
	c.To = strings.Join(slices.DeleteFunc([]string{line(c.PayeeAddress), c.Payee}, func(part string) bool { return part == "" }), ", ")
	return c
}

// longest is how much is told of a name, in characters.
const longest = 70

// line is a text in one line.
func line(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
}

// short is the beginning of a text that is too long.
func short(text string) string {
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest-1]) + "…"
	}
	return text
}

// letterOf is a message as a mail. The first line of its text is its subject, in which no code stands: subjects are shown on locked screens.
func letterOf(message *models.OutboxMessage, code string) (mail.Message, error) {
	name, with := kinds[message.Kind].words, contentOf(message, code)
	var inText, inHTML strings.Builder
	if err := texts.ExecuteTemplate(&inText, name+".txt", with); err != nil {
		return mail.Message{}, fmt.Errorf("write a mail: %w", err)
	}
	if err := htmlTexts.ExecuteTemplate(&inHTML, name+".html", with); err != nil {
		return mail.Message{}, fmt.Errorf("write a mail: %w", err)
	}
	subject, body, _ := strings.Cut(inText.String(), "\n\n")
	return mail.Message{ID: message.MessageID.String(), Name: with.Name, Address: message.Recipient, Subject: subject, Text: body, HTML: inHTML.String()}, nil
}

// textOf is a message as a text message.
func textOf(message *models.OutboxMessage, code string) (string, error) {
	var text strings.Builder
	if err := texts.ExecuteTemplate(&text, kinds[message.Kind].words+".sms.txt", contentOf(message, code)); err != nil {
		return "", fmt.Errorf("write a text message: %w", err)
	}
	return strings.TrimSpace(text.String()), nil
}
