package main

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"bankgraph/db/dbtest"
)

// What an event leads to of a challenge.
const (
	everythingOfAChallenge = `id challengeId bankId accountId transactionRequestId userId user { id username email } value { amount } payee { name } charge { summary } method status attemptsLeft madeAt sentAt expiresAt`
	everythingOfAnEvent    = `subscription { at: challengeEvents { cursor occurredAt type challengeId challenge { ` + everythingOfAChallenge + ` transactionRequest { id status description statusInfo { __typename ... on TransactionRequestInitiated {
		challenges { ` + everythingOfAChallenge + ` } } } challenges { ` + everythingOfAChallenge + ` } } } } }`
	everythingOfARequest = `subscription ($id: ID!) { at: transactionRequestEvents(accountId: $id) { cursor occurredAt type transactionRequestId transactionRequest { id status description requiredAnswers challenges { ` + everythingOfAChallenge + ` } } } }`
)

// TestC17NoEventTellsTheCode: whoever follows what happens to a challenge, over a socket or server-sent events, is told neither its code nor what is made of it, and no wrong answer either.
func TestC17NoEventTellsTheCode(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	dbtest.CheckMoney(t, store.Pool())
	d, letters := openWithLetters(t, store)
	socket, stream := d.wire(t, "demo-owner", everythingOfAnEvent, nil), d.stream(t, "demo-owner", everythingOfAnEvent, nil, "")
	requests := d.stream(t, "demo-owner", everythingOfARequest, map[string]any{"id": exampleAccount}, "")
	socket.beat()
	p := d.pend(t)
	code := lettersCode(t, letters)
	var nonce, hash []byte
	if err := store.Pool().QueryRow(t.Context(), "SELECT nonce, code_hash FROM challenge WHERE challenge_id = $1", p.challenges["demo-owner"].UUID).Scan(&nonce, &hash); err != nil {
		t.Fatal(err)
	}
	var seen strings.Builder
	told := func(want string, all ...func() notice) {
		for _, news := range all {
			one := news()
			if one.event.Type != want || one.event.Challenge == nil && one.event.TransactionRequest == nil {
				t.Errorf("%s instead of %s: %s", one.event.Type, want, one.reply.raw)
			}
			fmt.Fprintf(&seen, "%s %s\n", one.id, one.reply.raw)
		}
	}
	told("CREATED", socket.news, stream.news)
	told("INITIATED", requests.news)
	if wrong := d.answers("demo-owner", p, "987654"); code != "987654" && wrong.find(t, "at", "code") != "CHALLENGE_FAILED" {
		t.Errorf("%s", wrong.raw)
	}
	if done := d.answers("demo-owner", p, code); done.find(t, "at", "status") != "COMPLETED" {
		t.Errorf("the code of the letter: %s", done.raw)
	}
	told("ANSWERED", socket.news, stream.news)
	told("COMPLETED", requests.news)
	var rows string
	if err := store.Pool().QueryRow(t.Context(), "SELECT string_agg(e::text, ' ') || string_agg(s::text, ' ') FROM event AS e JOIN event_stream AS s USING (stream)").Scan(&rows); err != nil {
		t.Fatal(err)
	}
	seen.WriteString(rows)
	if at := regexp.MustCompile(`(^|[^0-9a-zA-Z])(` + code + `|987654)([^0-9a-zA-Z]|$)`).FindStringIndex(seen.String()); at != nil {
		t.Errorf("a code is told: %s", seen.String()[max(0, at[0]-200):min(seen.Len(), at[1]+100)])
	}
	for _, secret := range []string{hex.EncodeToString(nonce), hex.EncodeToString(hash), "codeHash", "nonce"} {
		if strings.Contains(strings.ToLower(seen.String()), strings.ToLower(secret)) {
			t.Errorf("%s is told", secret)
		}
	}
}
