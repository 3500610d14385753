package outbox

import (
	"context"
	"errors"
	"time"

	"bankgraph/mail"
	"bankgraph/models"
)

// carrier takes messages to where they go. It says nothing of a failure but its class.
type carrier interface {
	carry(ctx context.Context, message *models.OutboxMessage, code string) *failure
}

// failure is why a message was not taken.
type failure struct {
	class   string        // in capitals, for the row and the log; never words of the other side
	detail  string        // in capitals, for the log alone; empty when the class says all
	isFinal bool          // whether another try is pointless
	after   time.Duration // how long the other side asks to wait; 0 when it does not say
	isVoid  bool          // whether nobody waits for it any more

	gone *models.Webhook // the receiver that says that it wants no messages at all any more
}

// way is how messages leave.
type way string

const (
	byMail way = "EMAIL"
	bySMS  way = "SMS"
	byHook way = "WEBHOOK"
)

// kinds are the kinds of messages: by which way each leaves, and what its words are called.
var kinds = map[models.OutboxMessageKind]struct {
	way   way
	words string
}{
	models.OutboxMessageKindChallengeCodeEmail:  {byMail, "challenge_code"},
	models.OutboxMessageKindChallengeCodeSms:    {bySMS, "challenge_code"},
	models.OutboxMessageKindChallengeAlertEmail: {byMail, "challenge_alert"},
	models.OutboxMessageKindChallengeAlertSms:   {bySMS, "challenge_alert"},
	models.OutboxMessageKindWebhook:             {byHook, ""},
}

// letters carries messages by mail.
type letters struct{ sender *mail.Sender }

func (l letters) carry(ctx context.Context, message *models.OutboxMessage, code string) *failure {
	letter, err := letterOf(message, code)
	if err != nil {
		return &failure{class: "WORDS", isFinal: true}
	}
	err = l.sender.Send(ctx, letter)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, mail.ErrRecipient):
		return &failure{class: "RECIPIENT", isFinal: true}
	case errors.Is(err, mail.ErrRefused), errors.Is(err, mail.ErrMessage):
		return &failure{class: "REFUSED", isFinal: true}
	case errors.Is(err, mail.ErrUnavailable):
		return &failure{class: "UNAVAILABLE"}
	}
	return &failure{class: "NO_WAY_IN"} // a certificate, a password: somebody may put it right while the message lives
}
