package main

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// tryMutants makes TestMutants break the code in each of the ways below; without it that test only looks whether they still fit the code.
var tryMutants = flag.Bool("mutants", false, "break the code that moves money in known ways, and see that the tests find each")

// mutant is a way to break the code that moves money, and the tests that must find it, each of them.
type mutant struct {
	name  string
	edits []edit
	room  string
	tests []string
}

// edit is one place of a file that is there once, and what it becomes.
type edit struct{ file, from, to string }

// keyAfterwards writes a key when all else is written.
const keyAfterwards = "\t_, err = b.store.Pool().Exec(ctx, `INSERT INTO idempotency_key (bank_id, account_id, user_id, key, request_hash, object_id, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,\n" +
	"\t\tkey.BankID, key.AccountID, key.UserID, key.Key, key.RequestHash, key.ObjectID, key.MadeAt)\n\treturn o.written, nil, err\n"

var mutants = []mutant{
	{
		"the accounts are locked in the order in which a payment names them",
		[]edit{{"ledger/lock.go", "ORDER BY account.bank_id, account.account_id", "ORDER BY array_position($2::uuid[], account.account_id)"}},
		"./ledger",
		[]string{"TestOppositePaymentsDoNotLockEachOtherOut"},
	},
	{
		"FOR UPDATE behind an insert, whose foreign keys have locked the accounts already",
		[]edit{
			{"ledger/lock.go", "FOR NO KEY UPDATE OF account`", "FOR UPDATE OF account`\n\n\tofInsert = `\n\t\tSELECT FROM unnest($1::text[], $2::uuid[]) AS asked (bank_id, account_id) JOIN account USING (bank_id, account_id) FOR KEY SHARE OF account`"},
			{
				"ledger/lock.go", "\ttrip.add(lockAccounts,",
				"\ttrip.add(ofInsert, columnsOf(n.accounts, func(k accountKey) (string, uuid.UUID) { return k.bankID, k.accountID })...)\n\ttrip.add(lockAccounts,",
			},
		},
		"./ledger",
		[]string{"TestOppositePaymentsDoNotLockEachOtherOut", "TestARingOfPaymentsAndAHotAccount"},
	},
	{
		"the accounts are not locked",
		[]edit{{"ledger/lock.go", "FOR NO KEY UPDATE OF account`", "`"}},
		"./ledger",
		[]string{"TestOppositePaymentsDoNotLockEachOtherOut", "TestReservedFundsAreThereForOneOfMany", "TestAReservationEndsOnce"},
	},
	{
		"the floor is left to Postgres",
		[]edit{{"ledger/books.go", "if a.floor != nil && a.spare().Sub(amount).LessThan(*a.floor) {", "if false {"}},
		"./ledger",
		[]string{"TestTheLedgerDoesNotLeanOnItsWalls"},
	},
	{
		"the floor is left to the ledger",
		[]edit{{"db/migrations/00091_account_floor.sql", "CHECK (balance - reserved >= floor)", "CHECK (balance - reserved >= floor OR true)"}},
		"./ledger",
		[]string{"TestTheConstraintsAreAWallBehindTheLedger"},
	},
	{
		"what is reserved may be spent",
		[]edit{{"ledger/books.go", "return a.balance.Sub(a.reserved) }", "return a.balance }"}},
		"./ledger",
		[]string{"TestTheLedgerDoesNotLeanOnItsWalls"},
	},
	{
		"the idempotency key is written behind the payment, in a transaction of its own",
		[]edit{
			{"bank/transaction_request.go", "rows := []ledger.Row{ledger.Row(store.LedgerRowOf(o.key))}", "rows := []ledger.Row{}"},
			{"bank/transaction_request.go", "\treturn o.written, nil, nil\n", keyAfterwards},
		},
		"./bank",
		[]string{"TestTheSameKeyIsTheSamePayment"},
	},
	{
		"the same, over two processes",
		[]edit{
			{"bank/transaction_request.go", "rows := []ledger.Row{ledger.Row(store.LedgerRowOf(o.key))}", "rows := []ledger.Row{}"},
			{"bank/transaction_request.go", "\treturn o.written, nil, nil\n", keyAfterwards},
		},
		".",
		[]string{"TestPaymentsThroughTwoServers", "TestF01AServerIsKilledInMidLoad"},
	},
	{
		"a key is enough, whatever the input is",
		[]edit{{"bank/transaction_request.go", "if string(key.RequestHash) == string(known.RequestHash) {", "if true {"}},
		"./bank",
		[]string{"TestAKeyOfAnotherInputIsRefused", "TestRequestsDoWhatAModelDoes"},
	},
	{
		"the bank does not add up refunds",
		[]edit{{"bank/transaction_request.go", "if o.refund != nil && o.promised", "if false && o.promised"}},
		"./bank",
		[]string{"TestARefundOfWhatSomebodyPaid"},
	},
	{
		"the ledger does not add up refunds",
		[]edit{{"ledger/refund.go", "if original.refunded.Add(p.Amount).GreaterThan(original.credited) {", "if false {"}},
		"./ledger",
		[]string{"TestTheLedgerDoesNotLeanOnItsWalls"},
	},
	{
		"what others of the same batch add to a day or a refund does not count",
		[]edit{{"ledger/batch.go", "tally.Before = b.tallies[tally.Key]", "tally.Before = b.tallies[\"\"]"}},
		"./bank",
		[]string{"TestLimitsHoldWithinABatch"},
	},
	{
		"where a request stands is not looked at again before it is completed or ended",
		[]edit{{"bank/transaction_request_end.go", "if !slices.Contains(s.from, status) || at.Before(s.earliest) {", "if false {"}},
		"./bank",
		[]string{"TestRequestsDoWhatAModelDoes"},
	},
	{
		"a commit that nobody acknowledged is sent again without a look",
		[]edit{{"ledger/batch.go", "m.isOpen = m.isOpen || isSent && isLost", "_ = isSent"}},
		"./ledger",
		[]string{"TestACommitThatNobodyAcknowledgedIsNotDoneTwice", "TestABatchWhoseAnswerIsLostIsDoneOnce"},
	},
	{
		"an exchange rounds to the nearest",
		[]edit{{"ledger/exchange.go", "s.CreditedCurrency, s.Credited = p.Exchange.Currency, exact.Truncate(units)", "s.CreditedCurrency, s.Credited = p.Exchange.Currency, exact.Round(units)"}},
		"./bank",
		[]string{"TestRequestsDoWhatAModelDoes"},
	},
	{
		"the day of a payment is the server's",
		[]edit{{"bank/transaction_request.go", "today := models.Day(o.at)", "today := models.Today()"}},
		".",
		[]string{"TestF07TheClockOfTheDatabaseDecides"},
	},
}

// TestMutants looks whether the mutants fit the code, and with -mutants tries each: the code of the working tree stays as it is, since the compiler gets the broken
// file in its place.
func TestMutants(t *testing.T) {
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			overlay := m.overlay(t)
			if !*tryMutants {
				return
			}
			pattern := "^(" + strings.Join(m.tests, "|") + ")$"
			command := exec.CommandContext(t.Context(), "go", "test", "-overlay", overlay, "-vet=off", "-count=1", "-run", pattern, m.room)
			output, err := command.CombinedOutput()
			if err == nil {
				t.Fatalf("nobody finds it:\n%s", output)
			}
			for _, name := range m.tests {
				if !strings.Contains(string(output), "--- FAIL: "+name+" (") {
					t.Errorf("%s does not find it:\n%.4000s", name, output)
				}
			}
		})
	}
}

// overlay writes the broken files, and the list of them that the compiler takes.
func (m mutant) overlay(t *testing.T) string {
	t.Helper()
	broken, list := map[string]string{}, struct{ Replace map[string]string }{map[string]string{}}
	dir := t.TempDir()
	for _, e := range m.edits {
		if broken[e.file] == "" {
			text, err := os.ReadFile(e.file)
			if err != nil {
				t.Fatal(err)
			}
			broken[e.file] = string(text)
		}
		if n := strings.Count(broken[e.file], e.from); n != 1 {
			t.Fatalf("%s has %d places for %q: the mutant must follow the code", e.file, n, e.from)
		}
		broken[e.file] = strings.Replace(broken[e.file], e.from, e.to, 1)
	}
	for file, text := range broken {
		path, err := filepath.Abs(file)
		if err != nil {
			t.Fatal(err)
		}
		list.Replace[path] = filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		if err := os.WriteFile(list.Replace[path], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	written, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, written, 0o600); err != nil {
		t.Fatal(err)
	}
	return overlay
}
