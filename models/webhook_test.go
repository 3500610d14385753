package models_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"bankgraph/models"
)

// TestAWebhookNamesStreamsInAWayOfItsOwnAndCountsNoneOfAUser: by a name that is the same elsewhere a person at one bank would be known at another, and a number of theirs would count what happens to them there.
func TestAWebhookNamesStreamsInAWayOfItsOwnAndCountsNoneOfAUser(t *testing.T) {
	t.Parallel()
	hook := func() *models.Webhook {
		key, err := models.NewStreamKey()
		if err != nil {
			t.Fatal(err)
		}
		return &models.Webhook{StreamKey: key}
	}
	first, second, user := hook(), hook(), uuid.New()
	for stream, hasNumber := range map[models.Stream]bool{
		models.ChallengeStream(user): false, models.RequestStream(models.AccountRef{BankID: "gh.29.uk", Account: user}): true, models.KycStream("gh.29.uk"): true,
	} {
		message := &models.OutboxMessage{BankID: "gh.29.uk", Payload: models.OutboxPayload{Event: &models.WebhookEvent{
			EventID: uuid.New(), Stream: stream, Number: 7, Kind: models.EventKindChallengeCreated, ObjectID: uuid.New(), OccurredAt: time.Now(),
		}}}
		body, err := json.Marshal(first.Call(message))
		if err != nil || strings.Contains(string(body), `"number":7`) != hasNumber || strings.Contains(string(body), "number") != hasNumber || strings.Contains(string(body), user.String()) {
			t.Errorf("%s: %s, %v", stream, body, err)
		}
		of := first.Call(message)
		if of.Stream != first.Call(message).Stream || of.Stream == second.Call(message).Stream || of.EventID != second.Call(message).EventID || of.Stream.Version() != 8 {
			t.Errorf("%s: %+v, and %+v at another", stream, of, second.Call(message))
		}
	}
}
