package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/graph"
	"bankgraph/models"
)

// auditRow is an entry of the audit trail, as its table has it.
type auditRow struct {
	Action, Outcome, Bank, User, Object string
	Times                               int
}

// trail are the entries of the audit trail, the oldest first.
func trail(t testing.TB, store *db.Store) []auditRow {
	t.Helper()
	rows, err := store.Pool().Query(t.Context(), `SELECT action, outcome, bank_id AS bank, coalesce(username, '') AS "user", coalesce(object_id, '') AS object, times
		FROM audit_entry ORDER BY occurred_at, audit_entry_id`)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := pgx.CollectRows(rows, pgx.RowToStructByName[auditRow])
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// TestEveryMutationIsAudited runs the mutation of each golden: by whoever may, and by somebody who may nothing.
func TestEveryMutationIsAudited(t *testing.T) {
	t.Parallel()
	everybodyMay := []string{"acceptUserInvitation"}
	for _, op := range operations(t) {
		if !strings.Contains(op.query, "\nmutation ") {
			continue
		}
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			store := dbtest.Seeded(t)
			d := openDoor(t, store)
			d.ask("demo-stranger", op.query, op.variables)
			tried := auditRow{Action: op.field, Outcome: "DENIED", User: "demo-stranger", Times: 1}
			denied := trail(t, store)
			if len(denied) != 1 || denied[0].Action != tried.Action || denied[0].Outcome != tried.Outcome || denied[0].User != tried.User {
				t.Errorf("the stranger's try left %+v", denied)
			}
			if slices.Contains(everybodyMay, op.field) {
				return
			}
			answer := d.ask(op.user, op.query, op.variables)
			entries := trail(t, store)[len(denied):]
			if isDone := strings.Contains(string(answer.Data[op.field]), `Success"`); isDone != (len(entries) > 0) {
				t.Fatalf("%+v was written of %s", entries, answer.raw)
			}
			for _, entry := range entries {
				if entry.Action != op.field || entry.Outcome != "DONE" || entry.User != op.user || entry.Object == "" || entry.Times != 1 {
					t.Errorf("%+v", entry)
				}
			}
		})
	}
}

func TestDeniedReadsAreAuditedOnceAMinuteWithTheirNumber(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	d := openDoor(t, store, func(o *graph.Options) { o.Limits.Budget, o.Limits.Restore = 1<<40, 1<<40 })
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			for range 10 {
				d.ask("demo-stranger", `{ customers(bankId: "gh.29.uk") { totalCount } again: customers(bankId: "gh.29.uk") { totalCount } }`, nil)
			}
		})
	}
	callers.Wait()
	d.ask("demo-stranger", `{ customers(bankId: "nl.07.demo") { totalCount } auditTrail(bankId: "no bank is called so") { totalCount } }`, nil)
	d.ask("demo-owner", `{ viewer { customers { addresses { city } } } }`, nil)
	d.ask("", `{ customers(bankId: "gh.29.uk") { totalCount } }`, nil)
	want := []auditRow{
		{Action: "Query.customers", Outcome: "DENIED", Bank: "gh.29.uk", User: "demo-stranger", Times: 1},
		{Action: "Query.customers", Outcome: "DENIED", Bank: "nl.07.demo", User: "demo-stranger", Times: 1},
		{Action: "Query.auditTrail", Outcome: "DENIED", User: "demo-stranger", Times: 1},
		{Action: "Customer.addresses", Outcome: "DENIED", Bank: "gh.29.uk", User: "demo-owner", Times: 1},
	}
	got := trail(t, store)
	sameKinds(t, got, want)
	if err := d.verbs.Settle(); err != nil {
		t.Fatal(err)
	}
	sameKinds(t, trail(t, store)[len(got):], []auditRow{{Action: "Query.customers", Outcome: "DENIED", Bank: "gh.29.uk", User: "demo-stranger", Times: 79}})
	if err := d.verbs.Settle(); err != nil || len(trail(t, store)) != len(got)+1 {
		t.Errorf("what was written is written again: %v", err)
	}
}

// sameKinds compares entries in any order: those of one request are written side by side.
func sameKinds(t *testing.T, got, want []auditRow) {
	t.Helper()
	order := func(entries []auditRow) []string {
		var lines []string
		for _, entry := range entries {
			lines = append(lines, fmt.Sprintf("%+v", entry))
		}
		slices.Sort(lines)
		return lines
	}
	if g, w := order(got), order(want); !slices.Equal(g, w) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(g, "\n"), strings.Join(w, "\n"))
	}
}

// TestS04WhoReadsTooMuchIsAudited enumerates customers until that is refused.
func TestS04WhoReadsTooMuchIsAudited(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	d := openDoor(t, store, func(o *graph.Options) { o.Limits.Budget, o.Limits.Cost, o.Limits.Restore = 2000, 1000, 1 })
	refused := 0
	for i := range 40 {
		answer := d.ask("demo-officer", `query ($text: String!) { customers(bankId: "gh.29.uk", first: 1, filter: { legalName: { startsWith: $text } }) { totalCount } }`,
			map[string]any{"text": string(rune('A' + i%26))})
		if slices.Contains(answer.codes(), "RATE_LIMITED") {
			refused++
		}
	}
	if err := d.verbs.Settle(); err != nil {
		t.Fatal(err)
	}
	times := 0
	for _, entry := range trail(t, store) {
		if entry.Outcome != "LIMITED" || entry.User != "demo-officer" || entry.Action != "customers" {
			t.Errorf("%+v", entry)
		}
		times += entry.Times
	}
	if refused < 10 || times != refused {
		t.Errorf("%d requests were refused, and %d are in the audit trail", refused, times)
	}
}

func TestTriesAtRowsOfOthersAreAudited(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	d := openDoor(t, store)
	foreign := d.ask("demo-admin", `{ customers(bankId: "nl.07.demo", first: 1) { nodes { id } } }`, nil).find(t, "customers", "nodes").([]any)[0].(map[string]any)["id"].(string)
	d.ask("demo-admin", `mutation ($id: ID!) { updateCustomer(input: { bankId: "gh.29.uk", customerId: $id, version: { any: true }, email: "a@example.com" }) { __typename } }`, map[string]any{"id": foreign})
	d.ask("demo-stranger", `mutation ($bank: String!) { createCustomer(input: { bankId: $bank, legalName: "Nobody" }) { __typename } }`, map[string]any{"bank": strings.Repeat("x", 5000)})
	d.ask("demo-admin", `mutation ($bank: String!) { createCustomer(input: { bankId: $bank, legalName: "Nobody" }) { __typename } }`, map[string]any{"bank": strings.Repeat("é", 5000)})
	sameKinds(t, trail(t, store), []auditRow{
		{Action: "updateCustomer", Outcome: "DENIED", Bank: "gh.29.uk", User: "demo-admin", Object: foreign, Times: 1},
		{Action: "createCustomer", Outcome: "DENIED", User: "demo-stranger", Times: 1},
		{Action: "createCustomer", Outcome: "DENIED", User: "demo-admin", Object: strings.Repeat("é", 300), Times: 1},
	})
}

func TestAChangeWithoutItsEntryIsTakenBack(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	d := openDoor(t, store)
	if _, err := store.Pool().Exec(t.Context(), "ALTER TABLE audit_entry ADD CONSTRAINT audit_entry_refused CHECK (action <> 'createBank')"); err != nil {
		t.Fatal(err)
	}
	answer := d.ask("demo-admin", `mutation { createBank(input: { bankId: "no.11.fjord", shortName: "Fjord", fullName: "Fjord Demonstration Bank ASA" }) { __typename } }`, nil)
	if !slices.Equal(answer.codes(), []string{"INTERNAL"}) {
		t.Errorf("%s", answer.raw)
	}
	if found, err := store.Bank(t.Context(), "no.11.fjord"); err != nil || found != nil {
		t.Errorf("%+v %v", found, err)
	}
}

// TestTheAuditTrailCannotBeChanged is about the server's own role, as long as that is no superuser.
func TestTheAuditTrailCannotBeChanged(t *testing.T) {
	t.Parallel()
	address := dbtest.Blank(t)
	admin, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(t.Context())
	role := "plain_" + strings.ToLower(rand.Text())
	for _, statement := range []string{
		"CREATE ROLE " + role + " LOGIN PASSWORD 'plain'", "GRANT ALL ON SCHEMA public TO " + role,
	} {
		if _, err := admin.Exec(t.Context(), statement); err != nil {
			t.Skipf("the role of this database may make no other: %v", err)
		}
	}
	t.Cleanup(func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
		defer cancel()
		again, err := pgx.Connect(ending, address)
		if err != nil {
			t.Error(err)
			return
		}
		defer again.Close(ending)
		if _, err := again.Exec(ending, "DROP OWNED BY "+role+"; DROP ROLE "+role); err != nil {
			t.Error(err)
		}
	})
	plain, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	plain.User = url.UserPassword(role, "plain")
	if _, err := db.Migrate(t.Context(), plain.String(), slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	store, err := db.Open(t.Context(), plain.String(), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	if _, err := bank.New(store).AddBank(t.Context(), models.CreateBankInput{BankID: "a", ShortName: "A", FullName: "A"}); err != nil || len(trail(t, store)) != 1 {
		t.Fatal(err, trail(t, store))
	}
	for _, statement := range []string{"UPDATE audit_entry SET action = ''", "DELETE FROM audit_entry", "TRUNCATE audit_entry"} {
		if _, err := store.Pool().Exec(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "42501") {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

func TestAuditExport(t *testing.T) {
	store := dbtest.Seeded(t)
	d := openDoor(t, store)
	d.ask("demo-stranger", `{ customers(bankId: "gh.29.uk") { totalCount } }`, nil)
	for i := range 3 {
		d.ask("demo-admin", `mutation ($bank: String!) { createBank(input: { bankId: $bank, shortName: "Fjord", fullName: "Fjord Demonstration Bank ASA" }) { __typename } }`,
			map[string]any{"bank": fmt.Sprintf("no.1%d.fjord", i)})
	}
	export := func(c AuditExportCommand) (lines []auditLine) {
		t.Helper()
		var out bytes.Buffer
		filter, err := c.filter(t.Context(), store)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.export(t.Context(), store, filter, &out); err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(out.Bytes()) {
			var entry auditLine
			if err := json.Unmarshal(line, &entry); err != nil {
				t.Fatalf("%v in %s", err, line)
			}
			lines = append(lines, entry)
		}
		return lines
	}
	all := export(AuditExportCommand{})
	if len(all) != 5 || all[0].Action != "Query.customers" || all[1].Action != "createBank" || len(all[1].Changes) < 3 || all[4].Action != "audit export" {
		t.Errorf("%+v", all)
	}
	if !slices.IsSortedFunc(all, func(a, b auditLine) int { return a.OccurredAt.Compare(b.OccurredAt) }) {
		t.Error("not in the order of time")
	}
	if denied := export(AuditExportCommand{Outcome: "DENIED", User: "demo-stranger"}); len(denied) != 1 {
		t.Errorf("%+v", denied)
	}
	one := "no.11.fjord"
	if of := export(AuditExportCommand{Bank: &one, Action: "createBank"}); len(of) != 1 || *of[0].BankID != one {
		t.Errorf("%+v", of)
	}
	if exports := export(AuditExportCommand{Action: "audit export", From: all[4].OccurredAt}); len(exports) != 4 {
		t.Errorf("%d exports are in the trail", len(exports))
	}
	if past := export(AuditExportCommand{Before: all[0].OccurredAt}); len(past) != 0 {
		t.Errorf("%+v", past)
	}
}

func TestAuditExportOverwritesNothing(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "audit.jsonl")
	if err := os.WriteFile(file, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := (&AuditExportCommand{Out: file}).Run(t.Context(), &Config{DatabaseURL: dbtest.URL(t, false), LogFormat: "text"})
	if kept, _ := os.ReadFile(file); err == nil || string(kept) != "kept" {
		t.Errorf("%v, and the file has %q", err, kept)
	}
}

func TestWhoNamesBanksThatNobodyKnowsHidesNothing(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	d := openDoor(t, store, boundless)
	var query strings.Builder
	for i := range 300 {
		fmt.Fprintf(&query, " a%d: customers(bankId: \"made-up-%d\") { totalCount }", i, i)
	}
	d.ask("demo-stranger", "{"+query.String()+" }", nil)
	d.ask("demo-stranger", `{ customers(bankId: "gh.29.uk") { totalCount } }`, nil)
	d.ask("demo-owner", `{ customers(bankId: "gh.29.uk") { totalCount } }`, nil)
	if err := d.verbs.Settle(); err != nil {
		t.Fatal(err)
	}
	times := map[string]int{}
	for _, entry := range trail(t, store) {
		times[entry.User] += entry.Times
		if strings.HasPrefix(entry.Bank, "gh") && entry.User != "demo-owner" {
			times["at a real bank"]++
		}
	}
	if rows := len(trail(t, store)); rows > 60 || times["demo-stranger"] != 301 || times["demo-owner"] != 1 {
		t.Errorf("%d rows, %v", rows, times)
	}
}

func TestAnExportIsReadInPages(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	_, err := store.Pool().Exec(t.Context(), `INSERT INTO audit_entry (audit_entry_id, bank_id, action, outcome, client_id, correlation_id, occurred_at)
		SELECT gen_random_uuid(), 'gh.29.uk', 'x' || i, 'DONE', '', '', now() - (i / 7) * interval '1 second' FROM generate_series(1, 2500) AS i`)
	if err != nil {
		t.Fatal(err)
	}
	seen, last := map[string]bool{}, (*models.AuditEntry)(nil)
	err = store.EachAuditEntry(t.Context(), nil, &models.AuditFilter{}, func(entry *models.AuditEntry) error {
		if last != nil && entry.OccurredAt.Before(last.OccurredAt) {
			t.Errorf("%s is behind %s", entry.OccurredAt, last.OccurredAt)
		}
		seen[entry.Action], last = true, entry
		return nil
	})
	if err != nil || len(seen) != 2500 {
		t.Errorf("%d entries: %v", len(seen), err)
	}
}
