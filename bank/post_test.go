package bank_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"bankgraph/bank"
	post "bankgraph/mail"
	"bankgraph/mail/mailtest"
	"bankgraph/models"
)

// through is how the bank writes through a mail server of a test.
func through(t *testing.T, server *mailtest.Server) bank.Post {
	t.Helper()
	sender, err := post.Open(post.Options{URL: "smtp://" + server.Address, From: "bank@example.com", TrustedAuthorities: server.Authorities})
	if err != nil {
		t.Fatal(err)
	}
	return bank.Post{Sender: sender, InvitationPage: page}
}

func TestThereIsNoInvitationWithoutAMail(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	gone := mailtest.Start(t, mailtest.Options{StartTLS: true})
	gone.Stop()
	refusing := func(answer error) mailtest.Options {
		return mailtest.Options{StartTLS: true, Refuse: func(string) error { return answer }}
	}
	for name, test := range map[string]struct {
		post   bank.Post
		code   models.Code
		obp    string
		fields []string
	}{
		"no mail server":                             {bank.Post{}, models.Policy, "OBP-37081", nil},
		"one that is down":                           {through(t, gone), models.Unavailable, "", nil},
		"one that knows no such recipient":           {through(t, mailtest.Start(t, refusing(mailtest.Never))), models.BadInput, "OBP-10001", []string{"input", "email"}},
		"one that asks to come back later":           {through(t, mailtest.Start(t, refusing(mailtest.Later))), models.Unavailable, "", nil},
		"one that hangs":                             {through(t, mailtest.Start(t, mailtest.Options{StartTLS: true, Hang: true})), models.Unavailable, "", nil},
		"one without encryption, which is our fault": {through(t, mailtest.Start(t, mailtest.Options{})), models.Internal, "", nil},
	} {
		_, err := h.WithPost(test.post).CreateUserInvitation(h.as(t, "demo-admin"), invite())
		if err == nil {
			t.Errorf("%s: somebody was invited", name)
			continue
		}
		wantRefusal(t, err, test.code, test.obp, test.fields...)
	}
	if h.count(t, "user_invitation") != 0 {
		t.Error("there are invitations without a mail")
	}
	server := mailtest.Start(t, mailtest.Options{StartTLS: true})
	if _, err := h.WithPost(through(t, server)).CreateUserInvitation(h.as(t, "demo-admin"), invite()); err != nil || h.count(t, "user_invitation") != 1 {
		t.Fatal(err, h.count(t, "user_invitation"))
	}
	received := server.Received()
	if len(received) != 1 || received[0].To != "ada.quist@example.com" || !strings.Contains(readLetter(t, received[0].Content).text, "Greenhill") {
		t.Errorf("%+v", received)
	}
}

// TestAServerThatHangsHoldsNoConnection sends as many mails at once as the pool has connections, to a server that never answers:
// the others go on meanwhile.
func TestAServerThatHangsHoldsNoConnection(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := mailtest.Start(t, mailtest.Options{StartTLS: true, Hang: true})
	writing, ctx := h.WithPost(through(t, server)), h.as(t, "demo-admin")
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if _, err := writing.CreateUserInvitation(ctx, invite()); models.CodeOf(err) != models.Unavailable {
				t.Error(err)
			}
		})
	}
	defer group.Wait()
	for deadline := time.Now().Add(30 * time.Second); server.Waiting() < 20; {
		if time.Now().After(deadline) {
			t.Fatalf("in vain waited for 20 mails to hang at their server: %d do", server.Waiting())
		}
		if _, err := h.store.Bank(t.Context(), firstBank); err != nil {
			t.Fatal(err)
		}
	}
	if held := h.store.Pool().Stat().AcquiredConns(); held != 0 {
		t.Errorf("%d connections are held while mails are on their way", held)
	}
}

// TestACallerWhoLeavesWhileTheMailIsOnItsWay gives up in the middle: what the mail server takes must have its row all the same.
func TestACallerWhoLeavesWhileTheMailIsOnItsWay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, leave := context.WithCancel(h.as(t, "demo-admin"))
	server := mailtest.Start(t, mailtest.Options{StartTLS: true, Refuse: func(string) error { leave(); return nil }})
	invitation, err := h.WithPost(through(t, server)).CreateUserInvitation(ctx, invite())
	if err != nil || len(server.Received()) != 1 || h.count(t, "user_invitation") != 1 {
		t.Fatalf("%v, %d mails, %d invitations", err, len(server.Received()), h.count(t, "user_invitation"))
	}
	secret := readLetter(t, server.Received()[0].Content).secret(t, firstBank)
	if shown, err := h.store.UserInvitation(t.Context(), firstBank, models.HashSecret(secret)); err != nil || shown == nil || shown.UserInvitationID != invitation.UserInvitationID {
		t.Errorf("%+v %v", shown, err)
	}
}
