package main

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"bankgraph/auth"
	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/graph"
	"bankgraph/models"
)

// entries are those of the audit trail with an outcome, the oldest first.
func (d *door) entries(t testing.TB, outcome models.AuditOutcome) (entries []*models.AuditEntry) {
	t.Helper()
	err := d.store.EachAuditEntry(t.Context(), nil, &models.AuditFilter{Outcome: &outcome}, func(entry *models.AuditEntry) error {
		entries = append(entries, entry)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// prepared are mutations whose operation of testdata/ops is refused on demo data: what must be so that it is not. It is
// the input, and what must never be told of it.
var prepared = map[string]func(t *testing.T, d *door) (input map[string]any, secret string){
	"acceptUserInvitation": func(t *testing.T, d *door) (map[string]any, string) {
		if sent := d.ask("demo-admin", sendInvitation, invitationInput()); len(sent.Errors) > 0 {
			t.Fatalf("%s", sent.raw)
		}
		_, secret := mailed(t, d.outbox)
		return map[string]any{"bankId": "gh.29.uk", "secret": secret}, secret
	},
	"replayOutboxMessage": func(t *testing.T, d *door) (map[string]any, string) {
		message := alertOf(homeBank)
		d.alert(t, message, "demo-approver")
		if err := d.store.DeadOutboxMessage(t.Context(), message, "RECIPIENT"); err != nil {
			t.Fatal(err)
		}
		return map[string]any{"bankId": homeBank, "id": message.ID().String()}, message.Recipient
	},
	"updateWebhook": func(t *testing.T, d *door) (map[string]any, string) {
		hook, secret := d.hook(t)
		return map[string]any{"bankId": homeBank, "id": hook, "version": map[string]any{"number": 1}, "isEnabled": false}, secret
	},
	"deleteWebhook": func(t *testing.T, d *door) (map[string]any, string) {
		hook, secret := d.hook(t)
		return map[string]any{"bankId": homeBank, "id": hook}, secret
	},
	"rotateWebhookSecret": func(t *testing.T, d *door) (map[string]any, string) {
		hook, secret := d.hook(t)
		return map[string]any{"bankId": homeBank, "id": hook, "version": map[string]any{"number": 1}}, secret
	},
	"enableConsumer": func(t *testing.T, d *door) (map[string]any, string) {
		d.exec(t, "INSERT INTO consumer (issuer, client_id, is_enabled) VALUES ('https://login.example.com', 'off', false)")
		return map[string]any{"issuer": "https://login.example.com", "clientId": "off"}, ""
	},
	"answerTransactionRequestChallenge": func(t *testing.T, d *door) (map[string]any, string) {
		p := d.pend(t)
		return p.answer("demo-owner", "123"), ""
	},
	"rejectTransactionRequest": func(t *testing.T, d *door) (map[string]any, string) { return d.pend(t).named(), "" },
	"cancelTransactionRequest": func(t *testing.T, d *door) (map[string]any, string) { return d.pend(t).named(), "" },
	"resendChallenge": func(t *testing.T, d *door) (map[string]any, string) {
		p := d.pend(t)
		d.exec(t, "UPDATE challenge SET sent_at = sent_at - interval '1 minute'")
		return map[string]any{"bankId": p.account.BankID, "challengeId": p.challenges["demo-owner"].String()}, ""
	},
}

// pend has demo-owner ask for a payment that they must approve.
func (d *door) pend(t testing.TB) pending {
	t.Helper()
	account, err := models.ParseID(exampleAccount)
	if err != nil {
		t.Fatal(err)
	}
	answer := d.ask("demo-owner", payQuery, map[string]any{"input": map[string]any{
		"bankId": homeBank, "accountId": exampleAccount, "idempotencyKey": uuid.NewString(), "value": map[string]any{"amount": "10.00", "currency": "EUR"},
		"payee": map[string]any{"accountOtp": map[string]any{"bankId": homeBank, "accountId": savingsAccount}},
	}})
	if answer.find(t, "at", "status") != "INITIATED" {
		t.Fatalf("%s", answer.raw)
	}
	id, err := models.ParseID(answer.find(t, "at", "id").(string))
	if err != nil {
		t.Fatal(err)
	}
	return pendingOf(t, d.store, &models.Account{BankID: homeBank, AccountID: account.UUID}, id.UUID)
}

func (d *door) exec(t testing.TB, statement string) {
	t.Helper()
	if _, err := d.store.Pool().Exec(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// fingerprintOfAll changes when any row does, but for those of who asked, and for accounts of the bank's own on which nothing was ever booked: the
// ledger makes them by themselves before an order that needs them, they say nothing about who did what, and the first posting makes them count.
func (d *door) fingerprintOfAll(t testing.TB) string {
	t.Helper()
	rows, err := d.store.Pool().Query(t.Context(), `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
		AND relname NOT IN ('app_user', 'user_authentication', 'goose_db_version') AND relname NOT LIKE 'goose%' ORDER BY relname`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, table := range tables {
		sum, from := "", table
		switch table {
		case "account":
			from = "(SELECT * FROM account WHERE kind = 'CUSTOMER' OR opening_balance <> 0 OR posting_count > 0)"
		case "challenge": // attempts stay counted, whatever becomes of them
			from = "(SELECT challenge_id, status, code_hash, sent_at, resends, event_count FROM challenge)"
		}
		if err := d.store.Pool().QueryRow(t.Context(), "SELECT coalesce(md5(string_agg(row::text, ';' ORDER BY row::text)), '') FROM "+from+" AS row").Scan(&sum); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&all, table, sum)
	}
	return all.String()
}

// TestEveryMutationIsInTheTrail runs every mutation of the schema: as somebody who may not, as somebody who may while the trail
// cannot be written, and as somebody who may. A new mutation is tested by being there.
func TestEveryMutationIsInTheTrail(t *testing.T) {
	t.Parallel()
	byField := map[string]operation{}
	for _, op := range operations(t) {
		byField[op.field] = op
	}
	for _, field := range graph.Contract().Mutation.Fields {
		t.Run(field.Name, func(t *testing.T) {
			t.Parallel()
			op, known := byField[field.Name]
			if !known {
				t.Fatal("no file in testdata/ops asks for it")
			}
			d := openDoor(t, dbtest.Seeded(t))
			d.ask("demo-admin", `{ viewer { user { id } } }`, nil) // the first request of a user notes the user, and the application
			d.ask("demo-stranger", `{ viewer { user { id } } }`, nil)
			d.wantDenied(t, op)
			secret := ""
			if prepare := prepared[field.Name]; prepare != nil {
				op.variables = map[string]any{}
				op.variables["input"], secret = prepare(t, d)
			}
			before := d.fingerprintOfAll(t)
			d.exec(t, "ALTER TABLE audit_entry ADD CONSTRAINT the_trail_is_full CHECK (action = '') NOT VALID")
			if answer := d.ask(op.user, op.query, op.variables); !slices.Equal(answer.codes(), []string{"INTERNAL"}) {
				t.Errorf("it is done without an entry: %s", answer.raw)
			}
			d.exec(t, "ALTER TABLE audit_entry DROP CONSTRAINT the_trail_is_full")
			if after := d.fingerprintOfAll(t); after != before {
				t.Errorf("what cannot be told stays done:\n%s\n%s", before, after)
			}
			d.wantDone(t, op, secret)
		})
	}
}

// wantDenied runs an operation as somebody who holds no role.
func (d *door) wantDenied(t *testing.T, op operation) {
	t.Helper()
	answer := d.ask("demo-stranger", op.query, op.variables)
	denied := d.entries(t, models.AuditOutcomeDenied)
	if len(denied) != 1 || denied[0].Action != op.field || models.Text(denied[0].Username) != "demo-stranger" || denied[0].ClientID == "" ||
		len(denied[0].OldValues)+len(denied[0].NewValues) > 0 {
		t.Fatalf("%d tries are told: %s", len(denied), answer.raw)
	}
	if !strings.Contains(string(answer.raw), denied[0].CorrelationID) {
		t.Errorf("the entry has %s, and the answer is %s", denied[0].CorrelationID, answer.raw)
	}
}

// wantDone runs an operation as somebody who may do it.
func (d *door) wantDone(t *testing.T, op operation, secret string) {
	t.Helper()
	earlier := len(d.entries(t, models.AuditOutcomeDone))
	answer := d.ask(op.user, op.query, op.variables)
	if len(answer.Errors) > 0 || strings.Contains(string(answer.raw), `Rejection"`) {
		t.Fatalf("%s", answer.raw)
	}
	done, want := d.entries(t, models.AuditOutcomeDone)[earlier:], 1
	switch op.field {
	case "importCustomers": // each customer is told
		want = strings.Count(string(answer.raw), `"cus_`)
	case "createAccount": // the account, each way to address it, and the owner's view are told
		want = 2 + strings.Count(string(answer.raw), `"scheme"`)
	}
	if len(done) != want || want == 0 {
		t.Fatalf("%d entries instead of %d", len(done), want)
	}
	isNew, isGone := regexp.MustCompile(`^(create|add|import|grant)`).MatchString(op.field), regexp.MustCompile(`^(delete|revoke)`).MatchString(op.field)
	switch op.field {
	case "deleteKycDocument", "deleteKycFile": // are kept, marked
		isNew, isGone = true, false
	case "setExchangeRate", "setTransactionRequestType", "saveHistoricalTransaction": // with the first of these currencies and this day, or of this type; always another payment
		isNew = true
	case "replaceKycFile": // a link for a version that nobody sent yet changes nothing but who may send it
		isNew, isGone = true, true
	}
	for _, entry := range done {
		if entry.Action != op.field || models.Text(entry.Username) != op.user || entry.ObjectID == nil ||
			isNew != (len(entry.OldValues) == 0) || isGone != (len(entry.NewValues) == 0) {
			t.Errorf("%+v", entry)
		}
		whole, err := json.Marshal(entry)
		if err != nil {
			t.Fatal(err)
		}
		for _, canary := range []string{secret, d.tokens[op.user], "secretHash"} {
			if canary != "" && strings.Contains(string(whole), canary) {
				t.Errorf("a secret is told: %s", whole)
			}
		}
	}
}

// TestOfTwoReplicasAtOnceTheTrailLosesNothing lets two servers with connections of their own change and try at once.
func TestOfTwoReplicasAtOnceTheTrailLosesNothing(t *testing.T) {
	t.Parallel()
	address := dbtest.URL(t, true)
	var doors []*door
	for range 2 {
		store, err := db.Open(t.Context(), address, db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(store.Close)
		doors = append(doors, openDoor(t, store))
	}
	var op operation
	for _, known := range operations(t) {
		if known.name == "createCrmEvent" {
			op = known
		}
	}
	const each = 20
	var group sync.WaitGroup
	for _, d := range doors {
		for range each {
			group.Go(func() {
				d.ask(op.user, op.query, op.variables)
				d.ask("demo-stranger", op.query, op.variables)
				d.ask("demo-stranger", `{ customers(bankId: "gh.29.uk") { totalCount } }`, nil)
			})
		}
	}
	group.Wait()
	for _, d := range doors {
		if err := d.verbs.Settle(); err != nil {
			t.Fatal(err)
		}
	}
	tries := map[string]int{}
	for _, entry := range doors[0].entries(t, models.AuditOutcomeDenied) {
		tries[entry.Action] += entry.Times
	}
	if done := len(doors[0].entries(t, models.AuditOutcomeDone)); done != 2*each || tries["createCrmEvent"] != 2*each || tries["Query.customers"] != 2*each {
		t.Errorf("%d changes and %v tries are told", done, tries)
	}
}

// as is the context of a request of a user.
func (d *door) as(t testing.TB, user string) context.Context {
	t.Helper()
	caller, err := d.store.Caller(t.Context(), models.User{Issuer: dbtest.Issuer, Subject: user, Username: user}, auth.DevelopmentClient)
	if err != nil {
		t.Fatal(err)
	}
	return auth.WithCaller(t.Context(), caller)
}

// TestATryIsToldAlthoughItsClientLeaves gives up a request at once: whoever probes must not do so without a trace.
func TestATryIsToldAlthoughItsClientLeaves(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	ctx, leave := context.WithCancel(d.as(t, "demo-stranger"))
	leave()
	_, err := bank.New(d.store).CreateCustomer(ctx, models.CreateCustomerInput{BankID: "gh.29.uk"})
	if denied := d.entries(t, models.AuditOutcomeDenied); models.CodeOf(err) != models.Forbidden || len(denied) != 1 {
		t.Errorf("%v, and %d tries are told", err, len(denied))
	}
}
