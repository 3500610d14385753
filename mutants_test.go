package main

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tryMutants makes TestMutants break the code in each of the ways below; without it that test only looks whether they still fit the code.
var tryMutants = flag.Bool("mutants", false, "break the code that moves money in known ways, and see that the tests find each")

// mutant is a way to break the code that moves money or brings news of it, and the tests that must find it, each of them.
type mutant struct {
	name  string
	edits []edit
	room  string
	tests []string
	flags []string // that have the tests try for longer
}

// edit is one place of a file that is there once, and what it becomes.
type edit struct{ file, from, to string }

// keyAfterwards writes a key when all else is written.
const keyAfterwards = "\t_, err = b.store.Pool().Exec(ctx, `INSERT INTO idempotency_key (bank_id, account_id, user_id, key, request_hash, object_id, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,\n" +
	"\t\tkey.BankID, key.AccountID, key.UserID, key.Key, key.RequestHash, key.ObjectID, key.MadeAt)\n\treturn o.written, nil, err\n"

// sequenceNumbers numbers events without a lock. Its numbers have gaps, so that a reader cannot take one for something lost.
var sequenceNumbers = []edit{
	{"db/migrations/00149_event_stream.sql", "-- +goose Up\n", "-- +goose Up\nCREATE SEQUENCE event_number;\n"},
	{"db/event.go", "DO UPDATE SET last_number = s.last_number + EXCLUDED.last_number, oldest_at = coalesce(s.oldest_at, EXCLUDED.oldest_at)\n\t\tRETURNING stream, last_number\n", "DO NOTHING\n"},
	{"db/event.go", "last_number - count(*) OVER (PARTITION BY stream) + row_number() OVER (PARTITION BY stream ORDER BY position) AS number", "nextval('event_number') AS number"},
	{"db/event.go", "FROM news JOIN counted USING (stream)\n", "FROM news\n"},
	{"db/event.go", "coalesce(s.last_number, 0), coalesce(s.dropped_to, 0)", "coalesce((SELECT max(number) FROM event WHERE event.stream = asked.stream), 0), coalesce(s.dropped_to, 0)"},
	{"events/subscription.go", "if event != nil && event.Number > s.last+1 {", "if false {"},
}

// perSocket keeps what a socket's first response has made for itself.
const perSocket = `var socketsHave sync.Map

type ofSocket struct{ context.Context; kept context.Context }

func (c ofSocket) Value(key any) any {
	if value := c.Context.Value(key); value != nil {
		return value
	}
	return c.kept.Value(key)
}

func keptBySocket(ctx context.Context, make func(context.Context) context.Context) context.Context {
	socket, is := ctx.Value(socketKey{}).(*socketConn)
	if !is {
		return make(ctx)
	}
	kept, _ := socketsHave.LoadOrStore(socket, make(context.WithoutCancel(ctx)))
	return kept.(context.Context)
}

`

var mutants = []mutant{
	{
		"the accounts are locked in the order in which a payment names them",
		[]edit{{"ledger/lock.go", "ORDER BY account.bank_id, account.account_id", "ORDER BY array_position($2::uuid[], account.account_id)"}},
		"./ledger",
		[]string{"TestOppositePaymentsDoNotLockEachOtherOut"},
		nil,
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
		nil,
	},
	{
		"the accounts are not locked",
		[]edit{{"ledger/lock.go", "FOR NO KEY UPDATE OF account`", "`"}},
		"./ledger",
		[]string{"TestOppositePaymentsDoNotLockEachOtherOut", "TestReservedFundsAreThereForOneOfMany", "TestAReservationEndsOnce"},
		nil,
	},
	{
		"the floor is left to Postgres",
		[]edit{{"ledger/books.go", "if a.floor != nil && a.spare().Sub(amount).LessThan(*a.floor) {", "if false {"}},
		"./ledger",
		[]string{"TestTheLedgerDoesNotLeanOnItsWalls"},
		nil,
	},
	{
		"the floor is left to the ledger",
		[]edit{{"db/migrations/00091_account_floor.sql", "CHECK (balance - reserved >= floor)", "CHECK (balance - reserved >= floor OR true)"}},
		"./ledger",
		[]string{"TestTheConstraintsAreAWallBehindTheLedger"},
		nil,
	},
	{
		"what is reserved may be spent",
		[]edit{{"ledger/books.go", "return a.balance.Sub(a.reserved) }", "return a.balance }"}},
		"./ledger",
		[]string{"TestTheLedgerDoesNotLeanOnItsWalls"},
		nil,
	},
	{
		"the idempotency key is written behind the payment, in a transaction of its own",
		[]edit{
			{"bank/transaction_request.go", "rows := []ledger.Row{ledger.Row(store.LedgerRowOf(o.key))}", "rows := []ledger.Row{}"},
			{"bank/transaction_request.go", "\treturn o.written, nil, nil\n", keyAfterwards},
		},
		"./bank",
		[]string{"TestTheSameKeyIsTheSamePayment"},
		nil,
	},
	{
		"the same, over two processes",
		[]edit{
			{"bank/transaction_request.go", "rows := []ledger.Row{ledger.Row(store.LedgerRowOf(o.key))}", "rows := []ledger.Row{}"},
			{"bank/transaction_request.go", "\treturn o.written, nil, nil\n", keyAfterwards},
		},
		".",
		[]string{"TestPaymentsThroughTwoServers", "TestF01AServerIsKilledInMidLoad"},
		[]string{"-crash-rounds", "10"},
	},
	{
		"a key is enough, whatever the input is",
		[]edit{{"bank/transaction_request.go", "if string(key.RequestHash) == string(known.RequestHash) {", "if true {"}},
		"./bank",
		[]string{"TestAKeyOfAnotherInputIsRefused", "TestRequestsDoWhatAModelDoes"},
		nil,
	},
	{
		"the bank does not add up refunds",
		[]edit{{"bank/transaction_request.go", "if o.refund != nil && o.promised", "if false && o.promised"}},
		"./bank",
		[]string{"TestARefundOfWhatSomebodyPaid"},
		nil,
	},
	{
		"the ledger does not add up refunds",
		[]edit{{"ledger/refund.go", "if original.refunded.Add(p.Amount).GreaterThan(original.credited) {", "if false {"}},
		"./ledger",
		[]string{"TestTheLedgerDoesNotLeanOnItsWalls"},
		nil,
	},
	{
		"what others of the same batch add to a day or a refund does not count",
		[]edit{{"ledger/batch.go", "tally.Before = b.tallies[tally.Key]", "tally.Before = b.tallies[\"\"]"}},
		"./bank",
		[]string{"TestLimitsHoldWithinABatch"},
		nil,
	},
	{
		"where a request stands is not looked at again before it is completed or ended",
		[]edit{{"bank/transaction_request_end.go", "if !slices.Contains(s.from, at.Status) || at.At.Before(s.earliest) {", "if false {"}},
		"./bank",
		[]string{"TestRequestsDoWhatAModelDoes"},
		nil,
	},
	{
		"an answer is compared before its attempt is counted, and a wrong one leaves then",
		[]edit{{"bank/challenge_answer.go", "\tclaimed, err := b.store.Claim(", "\tif early, found := b.store.TransactionRequest(ctx, of.Bank, of.RequestID); found == nil && early != nil && in.Answer != dummyCode {\n\t\treturn nil, models.Errorf(models.ChallengeFailed, \"The answer was not accepted.\").OBP(\"OBP-40016\")\n\t}\n\tclaimed, err := b.store.Claim("}},
		"./bank",
		[]string{"TestUsedUpAttemptsEndTheRequest", "TestB05WrongAnswersInARowBlockTheUser"},
		nil,
	},
	{
		"an attempt is what a reader has seen, and one more",
		[]edit{
			{"db/challenge.go", "UPDATE challenge SET attempts = attempts + 1, attempted_at = clock_timestamp()", "UPDATE challenge SET attempts = least(max_attempts, (SELECT seen.attempts FROM challenge AS seen WHERE seen.challenge_id = challenge.challenge_id) + 1), attempted_at = clock_timestamp()"},
			{"db/challenge.go", "\n\t\t\t  AND status = 'OPEN' AND attempts < max_attempts AND expires_at", "\n\t\t\t  AND status = 'OPEN' AND (SELECT seen.attempts < seen.max_attempts FROM challenge AS seen WHERE seen.challenge_id = challenge.challenge_id) AND expires_at"},
			{"db/challenge.go", "if claimed.Failures > a.Limit {", "if false {"},
		},
		"./bank",
		[]string{"TestB04GuessesAtOnceAreNeverMoreThanAllowed"},
		nil,
	},
	{
		"an attempt is given back when the rest fails: it is counted in the transaction of what follows",
		[]edit{{"bank/challenge_answer.go", "\t\twritten, err := b.count(ctx, a, request, &claimed)\n", "\t\twritten, err := b.count(ctx, a, request, &claimed)\n\t\tif err != nil {\n\t\t\t_, _ = b.store.Pool().Exec(context.WithoutCancel(ctx), \"UPDATE challenge SET attempts = attempts - 1 WHERE challenge_id = $1\", challenge)\n\t\t}\n"}},
		"./bank",
		[]string{"TestAnAttemptStaysCountedWhateverFollows", "TestARightAnswerThatTheLedgerLosesStaysAnAttempt", "TestARightAnswerThatTheBooksRefuseIsNoFailure"},
		nil,
	},
	{
		"the quorum is what the account says when the answer comes",
		[]edit{{"bank/challenge_answer.go", "\tcase t.given < request.RequiredAnswers:", "\tcase t.given < quorumNow:"}, {"bank/challenge_answer.go", "\treturn request, isRight && has, err\n", "\tif request != nil {\n\t\tvalues, _ := b.store.AttributeValues(ctx, nil, &models.Account{BankID: request.PayerBankID, AccountID: request.PayerUUID}, requiredAnswers)\n\t\tquorumNow, _ = quorumOf(values)\n\t}\n\treturn request, isRight && has, err\n"}, {"bank/challenge_answer.go", "const answering =", "var quorumNow int\n\nconst answering ="}},
		"./bank",
		[]string{"TestAQuorumOfUsersApproves"},
		nil,
	},
	{
		"a code is good for any amount",
		[]edit{{"bank/challenge_code.go", "r.Amount.String(), r.Currency, r.CreditedAmount.String()", "r.Currency, r.CreditedAmount.String()"}},
		"./bank",
		[]string{"TestC07TheCodeIsForWhatWasShown"},
		nil,
	},
	{
		"a code is good for any payee",
		[]edit{{"bank/challenge_code.go", "r.PayeeBankID, textOf(r.PayeeUUID), textOf", "r.PayeeBankID, textOf"}},
		"./bank",
		[]string{"TestC07TheCodeIsForWhatWasShown"},
		nil,
	},
	{
		"who may approve was asked when the request was made",
		[]edit{{"bank/challenge_answer.go", "return request, isRight && has, err", "return request, isRight && (has || isRight), err"}, {"bank/challenge_answer.go", "case isLocked && !has:", "case false && !has && isLocked:"}},
		"./bank",
		[]string{"TestC08AuthorityIsAskedAgain"},
		nil,
	},
	{
		"a commit that nobody acknowledged is sent again without a look",
		[]edit{{"ledger/batch.go", "m.isOpen = m.isOpen || isSent && isLost", "_ = isSent"}},
		"./ledger",
		[]string{"TestACommitThatNobodyAcknowledgedIsNotDoneTwice", "TestABatchWhoseAnswerIsLostIsDoneOnce"},
		nil,
	},
	{
		"an exchange rounds to the nearest",
		[]edit{{"ledger/exchange.go", "s.CreditedCurrency, s.Credited = p.Exchange.Currency, exact.Truncate(units)", "s.CreditedCurrency, s.Credited = p.Exchange.Currency, exact.Round(units)"}},
		"./bank",
		[]string{"TestRequestsDoWhatAModelDoes"},
		nil,
	},
	{
		"the day of a payment is the server's",
		[]edit{{"bank/transaction_request.go", "today := models.Day(o.at)", "today := models.Today()"}},
		".",
		[]string{"TestF07TheClockOfTheDatabaseDecides"},
		nil,
	},
	{
		"the numbers of events are those of a sequence, and what is above the last one is read",
		sequenceNumbers,
		"./db",
		[]string{"TestNumbersAreInTheOrderOfTheCommits", "TestWhatIsTakenBackLeavesNoGap", "TestManyWritersOfCrossingStreams"},
		nil,
	},
	{
		"the same, over two processes",
		sequenceNumbers,
		".",
		[]string{"TestW05W07NothingIsLostThroughTwoServers"},
		nil,
	},
	{
		"what no wake-up brought is not read: neither by a poll nor after a connection is made",
		[]edit{
			{"events/reader.go", "\t\t\tisDue = reads.isFailing || !h.isHearing() || time.Since(looked) >= h.Pace.Check\n", "\t\t\tisDue = looked.After(time.Now())\n"},
			{"events/wire.go", "\th.toRead.addAll()   // what was told while nobody listened\n", ""},
		},
		"./events",
		[]string{"TestWhatAWakeUpMissesThePollFinds"},
		nil,
	},
	{
		"the rights of who follows are not read last",
		[]edit{
			{"db/news.go", "\tif len(who) > 0 {\n\t\taddCallers(batch, numbers, who, news.Callers)\n\t}\n", ""},
			{"db/news.go", "\tfor kind, of := range kinds {\n", "\tif len(who) > 0 {\n\t\taddCallers(batch, numbers, who, news.Callers)\n\t}\n\tfor kind, of := range kinds {\n"},
		},
		"./db",
		[]string{"TestARightThatWasTakenBeforeAnEventIsNotReadWithIt"},
		nil,
	},
	{
		"loaders live as long as a socket",
		[]edit{
			{"graph/server.go", "\t\treturn next(o.PerResponse(ctx))\n", "\t\treturn next(ofSocket{ctx, keptBySocket(ctx, o.PerResponse)})\n"},
			{"graph/server.go", "// hook is what the library asks", perSocket + "// hook is what the library asks"},
			{"graph/server.go", "import (\n", "import (\n\t\"sync\"\n"},
		},
		".",
		[]string{"TestEachEventShowsWhatHangsFromItsObjectByThen"},
		nil,
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
			command := exec.CommandContext(t.Context(), "go", slices.Concat([]string{"test", "-overlay", overlay, "-vet=off", "-count=1", "-run", pattern, m.room}, m.flags)...)
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
