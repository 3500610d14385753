package bank_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bankgraph/auth"
	"bankgraph/bank"
	"bankgraph/db/dbtest"
	post "bankgraph/mail"
	"bankgraph/models"
)

// office is a house that can write letters.
type office struct {
	house
	outbox string
}

const page = "https://bank.example.com/invitation"

func newOffice(t *testing.T) office {
	t.Helper()
	h, outbox := newHouse(t), t.TempDir()
	h.Bank = h.WithPost(bank.Post{Sender: post.OpenOutbox(outbox), InvitationPage: page})
	return office{h, outbox}
}

func invite() models.CreateUserInvitationInput {
	return models.CreateUserInvitationInput{
		BankID: firstBank, FirstName: "Ada", LastName: "Quist", Email: "ada.quist@example.com", Company: "Quist & Daughters", Country: "Norway",
		Purpose: models.InvitationPurposeDeveloper,
	}
}

// letter is what a mail says, in both forms.
type letter struct{ subject, text, html string }

// letters are the mails of the outbox.
func (o office) letters(t *testing.T) []letter {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(o.outbox, "*"))
	if err != nil {
		t.Fatal(err)
	}
	var all []letter
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, readLetter(t, string(content)))
	}
	return all
}

func readLetter(t *testing.T, content string) letter {
	t.Helper()
	read, err := mail.ReadMessage(strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	_, parameters, err := mime.ParseMediaType(read.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	found, parts := letter{subject: subject}, multipart.NewReader(read.Body, parameters["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			found.html = string(body)
		} else {
			found.text = string(body)
		}
	}
}

// secret is the one in the link of a mail.
func (l letter) secret(t *testing.T, bankID string) string {
	t.Helper()
	link, err := url.Parse(regexp.MustCompile(`https://\S+`).FindString(l.text))
	if err != nil {
		t.Fatal(err)
	}
	values, err := url.ParseQuery(link.EscapedFragment())
	if err != nil || values.Get("bankId") != bankID || values.Get("secret") == "" || strings.TrimSuffix(link.String(), "#"+link.EscapedFragment()) != page {
		t.Fatalf("%v in %s", err, l.text)
	}
	return values.Get("secret")
}

// sent invites, and gives the secret of the mail.
func (o office) sent(t *testing.T, input models.CreateUserInvitationInput) (*models.UserInvitation, string) {
	t.Helper()
	invitation, err := o.CreateUserInvitation(o.as(t, "demo-admin"), input)
	if err != nil {
		t.Fatal(err)
	}
	letters := o.letters(t)
	return invitation, letters[len(letters)-1].secret(t, input.BankID)
}

func TestAnInvitationIsSentShownAndTakenOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	invitation, secret := o.sent(t, invite())
	if raw, err := base64.RawURLEncoding.DecodeString(secret); err != nil || len(raw) < 16 {
		t.Errorf("the secret %q has %d bytes", secret, len(raw))
	}
	if good := invitation.UsableUntil.Sub(invitation.CreatedAt); good != 24*time.Hour || invitation.Status != models.InvitationStatusCreated {
		t.Errorf("%s, for %s", invitation.Status, good)
	}
	shown, err := o.store.UserInvitation(t.Context(), firstBank, models.HashSecret(secret))
	if err != nil || shown == nil || shown.UserInvitationID != invitation.UserInvitationID || shown.Company != "Quist & Daughters" {
		t.Fatalf("%+v %v", shown, err)
	}
	accept := models.AcceptUserInvitationInput{BankID: firstBank, Secret: secret}
	_, err = o.AcceptUserInvitation(t.Context(), accept)
	wantRefusal(t, err, models.Unauthenticated, "OBP-20001")
	accepted, err := o.AcceptUserInvitation(o.as(t, "demo-stranger"), accept)
	if err != nil || accepted.Status != models.InvitationStatusAccepted || accepted.AcceptedAt == nil || *accepted.AcceptedBy != o.id(t, "demo-stranger").UUID {
		t.Fatalf("%+v %v", accepted, err)
	}
	_, err = o.AcceptUserInvitation(o.as(t, "demo-stranger"), accept)
	wantRefusal(t, err, models.NotFound, "OBP-37883")
	if shown, err := o.store.UserInvitation(t.Context(), firstBank, models.HashSecret(secret)); shown != nil || err != nil {
		t.Errorf("it is shown again: %+v %v", shown, err)
	}
}

func TestWrongSecretsCannotBeToldApart(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	_, good := o.sent(t, invite())
	expired, over := o.sent(t, invite())
	_, used := o.sent(t, invite())
	if _, err := o.store.Pool().Exec(t.Context(), "UPDATE user_invitation SET usable_until = now() - interval '1 millisecond' WHERE user_invitation_id = $1", expired.UserInvitationID); err != nil {
		t.Fatal(err)
	}
	if _, err := o.AcceptUserInvitation(o.as(t, "demo-owner"), models.AcceptUserInvitationInput{BankID: firstBank, Secret: used}); err != nil {
		t.Fatal(err)
	}
	sentences := map[string]bool{}
	for name, test := range map[string]struct{ bank, secret string }{
		"A02 the right one at another bank": {secondBank, good},
		"at a bank that is none":            {"no.bank", good},
		"one that is over":                  {firstBank, over},
		"one that was used":                 {firstBank, used},
		"none":                              {firstBank, ""},
		"one that never was":                {firstBank, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
		"one in another letter case":        {firstBank, strings.ToLower(good)},
		"one that is almost right":          {firstBank, good[:len(good)-1]},
		"one with a blank behind":           {firstBank, good + " "},
		"the hash of the right one":         {firstBank, string(models.HashSecret(good))},
		"S05 a pattern":                     {firstBank, "%"},
		"S01 a long one":                    {firstBank, strings.Repeat(good, 3000)},
	} {
		if shown, err := o.store.UserInvitation(t.Context(), test.bank, models.HashSecret(test.secret)); shown != nil || err != nil {
			t.Errorf("%s is shown: %+v %v", name, shown, err)
		}
		_, err := o.AcceptUserInvitation(o.as(t, "demo-stranger"), models.AcceptUserInvitationInput{BankID: test.bank, Secret: test.secret})
		refusal := wantRefusal(t, err, models.NotFound, "OBP-37883")
		sentences[refusal.Message+refusal.ID+refusal.Resource] = true
	}
	if len(sentences) != 1 {
		t.Errorf("they can be told apart: %v", sentences)
	}
	if _, err := o.AcceptUserInvitation(o.as(t, "demo-stranger"), models.AcceptUserInvitationInput{BankID: firstBank, Secret: good}); err != nil {
		t.Errorf("the right one was used up by the wrong ones: %v", err)
	}
}

func TestOfManyWhoAcceptAtOnceOneDoes(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	_, secret := o.sent(t, invite())
	users := []string{"demo-stranger", "demo-owner"}
	var group sync.WaitGroup
	var done atomic.Int64
	for i := range 8 {
		ctx := o.as(t, users[i%2])
		group.Go(func() {
			_, err := o.AcceptUserInvitation(ctx, models.AcceptUserInvitationInput{BankID: firstBank, Secret: secret})
			if err == nil {
				done.Add(1)
			} else if models.CodeOf(err) != models.NotFound {
				t.Error(err)
			}
		})
	}
	group.Wait()
	var entries int
	if err := o.store.Pool().QueryRow(t.Context(), "SELECT count(*) FROM audit_entry WHERE action = 'acceptUserInvitation' AND outcome = 'DONE'").Scan(&entries); err != nil || entries != 1 || done.Load() != 1 {
		t.Errorf("it was accepted %d times, and the audit trail has %d: %v", done.Load(), entries, err)
	}
}

func TestTheSecretIsInTheMailAndNowhereElse(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	invitation, secret := o.sent(t, invite())
	if _, err := o.AcceptUserInvitation(o.as(t, "demo-owner"), models.AcceptUserInvitationInput{BankID: firstBank, Secret: secret}); err != nil {
		t.Fatal(err)
	}
	told, err := json.Marshal(invitation)
	if err != nil {
		t.Fatal(err)
	}
	// Every row of the tables that it could be in, as text.
	var rows string
	if err := o.store.Pool().QueryRow(t.Context(), `SELECT string_agg(line, E'\n') FROM (
		SELECT audit_entry::text AS line FROM audit_entry UNION ALL SELECT user_invitation::text FROM user_invitation) AS lines`).Scan(&rows); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(rows+string(told), secret) || strings.Contains(strings.ToLower(rows), "secrethash") || !strings.Contains(rows, "createUserInvitation") {
		t.Errorf("the secret %s, or its hash, is in %s\n%s", secret, told, rows)
	}
	letters := o.letters(t)
	if len(letters) != 1 || strings.Count(letters[0].text, secret) != 1 || strings.Count(letters[0].html, secret) != 1 {
		t.Errorf("%+v", letters)
	}
}

func TestEachPurposeHasItsMailAndNothingInItIsMarkup(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	input := invite()
	input.FirstName, input.Company = `<b>Ada</b>`, `"><script>alert(1)</script>`
	o.sent(t, input)
	input.Purpose = models.InvitationPurposeCustomer
	o.sent(t, input)
	letters := o.letters(t)
	if len(letters) != 2 {
		t.Fatalf("%d mails", len(letters))
	}
	if letters[0].subject == letters[1].subject || letters[0].text == letters[1].text {
		t.Errorf("both purposes have one mail: %+v", letters)
	}
	for _, l := range letters {
		if strings.Contains(l.html, "<b>") || strings.Contains(l.html, "<script") || !strings.Contains(l.html, "&lt;b&gt;Ada") || !strings.Contains(l.html, `href="`+page+"#") {
			t.Errorf("%s", l.html)
		}
		if !strings.Contains(l.text, "<b>Ada</b>") || !strings.Contains(l.text, "Greenhill Demonstration Bank plc") {
			t.Errorf("%s", l.text)
		}
	}
}

func TestWhoMayInvite(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.write(t, "demo-owner", auth.CanCreateUserInvitation, firstBank)
	o.write(t, "demo-approver", auth.CanCreateUserInvitation, "") // held where it cannot be
	elsewhere := invite()
	elsewhere.BankID = secondBank
	for name, test := range map[string]struct {
		user  string
		input models.CreateUserInvitationInput
	}{
		"somebody with no role":                    {"demo-stranger", invite()},
		"somebody with other roles":                {"demo-officer", invite()},
		"A02 A05 somebody with the role elsewhere": {"demo-owner", elsewhere},
		"A05 a row that gives the role nowhere":    {"demo-approver", invite()},
	} {
		_, err := o.CreateUserInvitation(o.as(t, test.user), test.input)
		if refusal := wantRefusal(t, err, models.Forbidden, "OBP-20006"); len(refusal.MissingRoles) != 1 {
			t.Errorf("%s: %+v", name, refusal.MissingRoles)
		}
	}
	_, err := o.CreateUserInvitation(t.Context(), invite())
	wantRefusal(t, err, models.Unauthenticated, "OBP-20001")
	if len(o.letters(t)) != 0 || o.count(t, "user_invitation") != 0 {
		t.Error("mails were sent")
	}
	if _, err := o.CreateUserInvitation(o.as(t, "demo-owner"), invite()); err != nil {
		t.Error(err)
	}
	var denied int
	if err := o.store.Pool().QueryRow(t.Context(), "SELECT count(*) FROM audit_entry WHERE action = 'createUserInvitation' AND outcome = 'DENIED'").Scan(&denied); err != nil || denied != 4 {
		t.Errorf("%d tries are in the audit trail: %v", denied, err)
	}
}

func TestWhatCannotBeInvited(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for name, test := range map[string]struct {
		change func(*models.CreateUserInvitationInput)
		fields []string
	}{
		"a first name that is missing":         {func(in *models.CreateUserInvitationInput) { in.FirstName = "" }, []string{"input", "firstName"}},
		"a last name of blanks":                {func(in *models.CreateUserInvitationInput) { in.LastName = "  " }, []string{"input", "lastName"}},
		"a company that is too long":           {func(in *models.CreateUserInvitationInput) { in.Company = strings.Repeat("é", 51) }, []string{"input", "company"}},
		"a country of two lines":               {func(in *models.CreateUserInvitationInput) { in.Country = "Norway\nOslo" }, []string{"input", "country"}},
		"S01 a header in a name":               {func(in *models.CreateUserInvitationInput) { in.FirstName = "Ada\r\nBcc: all@example.com" }, []string{"input", "firstName"}},
		"S01 a line separator in a name":       {func(in *models.CreateUserInvitationInput) { in.LastName = "Quist\u2028Bcc" }, []string{"input", "lastName"}},
		"S01 a turn of direction in a company": {func(in *models.CreateUserInvitationInput) { in.Company = "Quist\u202egnp" }, []string{"input", "company"}},
		"a header in an address":               {func(in *models.CreateUserInvitationInput) { in.Email = "a@example.com\r\nBcc: b@example.com" }, []string{"input", "email"}},
		"an address that is too long":          {func(in *models.CreateUserInvitationInput) { in.Email = strings.Repeat("a", 190) + "@example.com" }, []string{"input", "email"}},
		"two addresses":                        {func(in *models.CreateUserInvitationInput) { in.Email = "a@example.com, b@example.com" }, []string{"input", "email"}},
		"all at once":                          {func(in *models.CreateUserInvitationInput) { in.FirstName, in.Company = "", "" }, []string{"input", "firstName", "input", "company"}},
	} {
		input := invite()
		test.change(&input)
		_, err := o.CreateUserInvitation(o.as(t, "demo-admin"), input)
		if err == nil {
			t.Errorf("%s was invited", name)
			continue
		}
		wantRefusal(t, err, models.BadInput, "OBP-10001", test.fields...)
	}
	ghost := invite()
	ghost.BankID = "no.bank"
	o.write(t, "demo-owner", auth.CanCreateUserInvitation, "no.bank")
	_, err := o.CreateUserInvitation(o.as(t, "demo-owner"), ghost)
	wantRefusal(t, err, models.NotFound, "OBP-30001")
	if len(o.letters(t)) != 0 || o.count(t, "user_invitation") != 0 {
		t.Error("mails were sent")
	}
	longest := invite()
	longest.FirstName, longest.Company, longest.Email = strings.Repeat("é", 50), strings.Repeat("é", 50), strings.Repeat("a", 60)+"@"+strings.Repeat("b", 60)+".example.com"
	if _, err := o.CreateUserInvitation(o.as(t, "demo-admin"), longest); err != nil {
		t.Error(err)
	}
}

// TestTheTableRefusesWhatTheVerbForgot writes rows past the verb.
func TestTheTableRefusesWhatTheVerbForgot(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	for name, change := range map[string]func(*models.UserInvitation){
		"a company that is too long": func(i *models.UserInvitation) { i.Company = strings.Repeat("a", 51) },
		"a purpose that is none":     func(i *models.UserInvitation) { i.Purpose = "SPY" },
	} {
		invitation := invite().UserInvitation()
		invitation.UserInvitationID, invitation.SecretHash = newUUID(t), models.HashSecret(name)
		change(invitation)
		if err := store.InsertUserInvitation(t.Context(), invitation); models.CodeOf(err) != models.BadInput {
			t.Errorf("%s: %v", name, err)
		}
	}
}
