package main

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/graph"
	"bankgraph/mail"
	"bankgraph/models"
	"bankgraph/outbox"
	"bankgraph/resolvers"
)

// answers sends an answer, as the document has it.
func (d *door) answers(user string, p pending, code string) reply {
	d.t.Helper()
	return d.ask(user, answerDocument, map[string]any{"input": p.answer(user, code)})
}

// number is the one number that a statement finds.
func (d *door) number(sql string, arguments ...any) (number int) {
	d.t.Helper()
	if err := d.store.Pool().QueryRow(d.t.Context(), sql, arguments...).Scan(&number); err != nil {
		d.t.Fatal(err)
	}
	return number
}

// metrics are all metrics of the server, as Prometheus reads them.
func (d *door) metrics(t *testing.T) string {
	t.Helper()
	page := httptest.NewRecorder()
	d.watch.MetricsHandler().ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return page.Body.String()
}

// TestB01OneOperationIsOneAnswer: sixty-four aliases, or as many fragments, or what @skip and @include would leave of them, are refused before anything runs.
func TestB01OneOperationIsOneAnswer(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	dbtest.CheckMoney(t, store.Pool())
	d := openDoor(t, store, func(o *graph.Options) { o.Limits.Aliases, o.Limits.RootFields = 1000, 1000 })
	p := d.pend(t)
	one := func(alias, code, directive string) string {
		in := p.answer("demo-owner", code)
		return fmt.Sprintf(`%s: answerTransactionRequestChallenge(input: { bankId: "%s", accountId: "%s", transactionRequestId: "%s", challengeId: "%s", answer: "%s", idempotencyKey: "%s" }) %s { __typename } `,
			alias, in["bankId"], in["accountId"], in["transactionRequestId"], in["challengeId"], code, alias, directive)
	}
	var many strings.Builder
	for i := range 64 {
		many.WriteString(one(fmt.Sprintf("a%d", i), fmt.Sprintf("%06d", i), ""))
	}
	for name, document := range map[string]string{
		"aliases":          "mutation { " + many.String() + one("last", "123", "") + "}",
		"two":              "mutation { " + one("a", "999", "") + one("b", "123", "") + "}",
		"fragments":        "mutation { ...A ...B } fragment A on Mutation { " + one("a", "999", "") + "} fragment B on Mutation { ... on Mutation { ...C } } fragment C on Mutation { " + one("b", "123", "") + "}",
		"one and the same": "mutation { ...A x: __typename ... on Mutation { " + one("b", "123", "") + "} } fragment A on Mutation { " + one("a", "999", "") + "}",
		"skipped":          "mutation { " + one("a", "999", "@skip(if: true)") + one("b", "123", "") + "}",
		"among others":     "mutation { " + one("a", "999", "") + `cancelTransactionRequest(input: { bankId: "x", accountId: "` + exampleAccount + `", transactionRequestId: "` + p.request.String() + `" }) { __typename } ` + one("b", "123", "") + "}",
	} {
		answer := d.ask("demo-owner", document, nil)
		if !slices.Equal(answer.codes(), []string{"GRAPHQL_LIMIT_EXCEEDED"}) || answer.Data != nil {
			t.Errorf("%s: %s", name, answer.raw)
		}
	}
	if n := d.number("SELECT attempts FROM challenge WHERE challenge_id = $1", p.challenges["demo-owner"].UUID); n != 0 {
		t.Errorf("%d attempts were made", n)
	}
	if n := d.number("SELECT count(*) FROM user_authentication"); n != 0 {
		t.Error("a failure is counted")
	}
	if answer := d.ask("demo-owner", "mutation { "+one("only", "123", "")+"}", nil); answer.find(t, "only", "__typename") != "AnswerTransactionRequestChallengeSuccess" {
		t.Errorf("%s", answer.raw)
	}
}

// TestB02BatchesAreNotTaken: an array of operations is refused as a whole.
func TestB02BatchesAreNotTaken(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	p := d.pend(t)
	var batch []string
	for i := range 64 {
		batch = append(batch, fmt.Sprintf(`{"query":"mutation { answerTransactionRequestChallenge(input: { bankId: \"%s\", accountId: \"%s\", transactionRequestId: \"%s\", challengeId: \"%s\", answer: \"%06d\", idempotencyKey: \"%d\" }) { __typename } }"}`,
			homeBank, exampleAccount, p.request, p.challenges["demo-owner"], 60+i, i))
	}
	response, body := d.do(call{"POST", "", "[" + strings.Join(batch, ",") + "]", map[string][]string{"Authorization": {"Bearer " + d.tokens["demo-owner"]}}})
	if response.StatusCode != http.StatusBadRequest || strings.Contains(body, "ChallengeFailed") {
		t.Errorf("%d %s", response.StatusCode, body)
	}
	if n := d.number("SELECT attempts FROM challenge WHERE challenge_id = $1", p.challenges["demo-owner"].UUID); n != 0 {
		t.Errorf("%d attempts were made", n)
	}
}

// TestB07GuessingAtManyChallengesMeetsTheBudget: one client gets few answers a minute, whosever challenges they are for, and the metric of failed answers rises with each.
func TestB07GuessingAtManyChallengesMeetsTheBudget(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	counts := map[string]int{}
	for i := range 200 {
		user := []string{"demo-owner", "demo-approver", "demo-stranger", "demo-officer"}[i%4]
		p := pending{&models.Account{BankID: homeBank}, models.ID{Kind: models.KindTransactionRequest, UUID: uuid.New()}, map[string]models.ID{user: {Kind: models.KindChallenge, UUID: uuid.New()}}}
		answer := d.answers(user, p, fmt.Sprintf("%06d", i))
		if len(answer.Errors) > 0 {
			counts[answer.codes()[0]]++
			continue
		}
		counts[answer.find(t, "at", "code").(string)]++
	}
	if counts["CHALLENGE_FAILED"] < 10 || counts["CHALLENGE_FAILED"] > 15 || counts["CHALLENGE_FAILED"]+counts["RATE_LIMITED"] != 200 {
		t.Errorf("%v", counts)
	}
	if metric := d.metrics(t); !strings.Contains(metric, fmt.Sprintf("bankgraph_challenge_failures_total %d\n", counts["CHALLENGE_FAILED"])) {
		t.Errorf("the metric does not tell of %d", counts["CHALLENGE_FAILED"])
	}
}

// lettersCode waits for a letter, and is the code in it.
func lettersCode(t *testing.T, folder string) string {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); <-time.After(20 * time.Millisecond) {
		files, err := filepath.Glob(filepath.Join(folder, "*.eml"))
		if err != nil || len(files) == 0 {
			continue
		}
		letter, err := os.ReadFile(files[0])
		if code := regexp.MustCompile(`([0-9]{6}) is the code`).FindSubmatch(letter); err == nil && code != nil {
			return string(code[1])
		}
	}
	t.Fatal("no letter with a code has come")
	return ""
}

// openWithLetters is a server whose codes go into letters, and the folder where these are.
func openWithLetters(t *testing.T, store *db.Store) (d *door, letters string) {
	t.Helper()
	letters = t.TempDir()
	box, err := outbox.New(store, outbox.Options{Keys: [][]byte{[]byte(testKey)}, Mail: mail.OpenOutbox(letters)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(box.Start(t.Context()))
	return openDoor(t, store, func(o *graph.Options) {
		verbs := o.Resolvers.(*resolvers.Resolver)
		verbs.Verbs = verbs.Verbs.WithOutbox(box).WithChallenges(bank.Challenges{Keys: [][]byte{[]byte(testKey)}, Method: models.ChallengeMethodEmail, Block: time.Hour})
	}), letters
}

const everyChallenge = `query ($id: ID!, $request: ID!) {
	viewer { challengeBlockedUntil challenges { totalCount nodes { id status method attemptsLeft value { amount } payee { name } user { username } transactionRequest { id } } } }
	challenge(id: $id) { id challengeId status attemptsLeft expiresAt user { username email } }
	node(id: $id) { id ... on Challenge { userId method sentAt } }
	transactionRequest(id: $request) { status requiredAnswers challenges { id status user { username } } statusInfo { ... on TransactionRequestInitiated { requiredAnswers missingAnswers challenges { id status } } } }
	auditTrail(bankId: "gh.29.uk", first: 100) { nodes { action objectId changes { field old new } } }
}`

// TestC17TheCodeIsInTheLetterAlone: whoever reads whatever they may finds neither the code nor what is made of it, and neither do the tables, the log, metrics and spans have it.
func TestC17TheCodeIsInTheLetterAlone(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	dbtest.CheckMoney(t, store.Pool())
	d, letters := openWithLetters(t, store)
	p := d.pend(t)
	code := lettersCode(t, letters)
	if wrong := d.answers("demo-owner", p, "987654"); code != "987654" && wrong.find(t, "at", "code") != "CHALLENGE_FAILED" {
		t.Errorf("%s", wrong.raw)
	}
	var nonce, hash []byte
	if err := store.Pool().QueryRow(t.Context(), "SELECT nonce, code_hash FROM challenge WHERE challenge_id = $1", p.challenges["demo-owner"].UUID).Scan(&nonce, &hash); err != nil {
		t.Fatal(err)
	}
	var seen strings.Builder
	read := func() {
		for _, user := range []string{"", "demo-owner", "demo-approver", "demo-admin", "demo-officer", "demo-stranger"} {
			answer := d.ask(user, everyChallenge, map[string]any{"id": p.challenges["demo-owner"].String(), "request": p.request.String()})
			seen.Write(answer.raw)
		}
	}
	read()
	if done := d.answers("demo-owner", p, code); done.find(t, "at", "status") != "COMPLETED" {
		t.Errorf("the code of the letter: %s", done.raw)
	}
	read()
	for _, table := range []string{"challenge", "challenge_event", "outbox_message", "transaction_request", "transaction_request_event", "idempotency_key", "audit_entry", "user_authentication"} {
		var rows string
		columns := "row::text"
		if table == "challenge" {
			columns = "(to_jsonb(row) - 'nonce' - 'code_hash')::text"
		}
		if err := store.Pool().QueryRow(t.Context(), "SELECT coalesce(string_agg("+columns+", E'\\n'), '') FROM "+table+" AS row").Scan(&rows); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&seen, rows)
	}
	fmt.Fprintln(&seen, d.log, d.lines, d.metrics(t))
	for _, span := range d.spans.GetSpans() {
		fmt.Fprintln(&seen, span.Name, span.Attributes, span.Events, span.Status)
	}
	alone := regexp.MustCompile(`(^|[^0-9a-zA-Z])(` + code + `|987654)([^0-9a-zA-Z]|$)`)
	if at := alone.FindStringIndex(seen.String()); at != nil {
		t.Errorf("a code is told: %s", seen.String()[max(0, at[0]-200):min(seen.Len(), at[1]+100)])
	}
	for _, secret := range []string{hex.EncodeToString(nonce), hex.EncodeToString(hash), "codeHash", "CodeHash"} {
		if strings.Contains(seen.String(), secret) {
			t.Errorf("%s is told", secret)
		}
	}
	if n := d.number("SELECT count(*) FROM outbox_message WHERE sealed IS NOT NULL"); n != 0 {
		t.Errorf("%d seals are left", n)
	}
}

// askBack has demo-owner ask demo-approver's account for money back: the request, and that account.
func (d *door) askBack(t *testing.T) (request, shop string) {
	t.Helper()
	d.exec(t, "DELETE FROM account_access WHERE view_id = 'standard'")
	shop = d.ask("demo-admin", `mutation ($user: ID!) { createAccount(input: { bankId: "gh.29.uk", userId: $user, label: "Shop", productCode: "A", currency: "EUR" }) { ... on CreateAccountSuccess { account { id } } } }`,
		map[string]any{"user": d.userID(t, "demo-approver")}).find(t, "createAccount", "account", "id").(string)
	paid := d.ask("demo-owner", payQuery, map[string]any{"input": map[string]any{
		"bankId": homeBank, "accountId": exampleAccount, "idempotencyKey": "one", "value": map[string]any{"amount": "20.00", "currency": "EUR"},
		"payee": map[string]any{"account": map[string]any{"bankId": homeBank, "accountId": shop}},
	}}).find(t, "at", "id")
	transaction := d.ask("demo-owner", `query ($id: ID!) { transactionRequest(id: $id) { statusInfo { ... on TransactionRequestCompleted { transactionId } } } }`, map[string]any{"id": paid}).
		find(t, "transactionRequest", "statusInfo", "transactionId")
	refund := d.ask("demo-owner", payQuery, map[string]any{"input": map[string]any{
		"bankId": homeBank, "accountId": exampleAccount, "idempotencyKey": "two", "value": map[string]any{"amount": "20.00", "currency": "EUR"},
		"payee": map[string]any{"refund": map[string]any{"to": map[string]any{"account": map[string]any{"bankId": homeBank, "accountId": shop}}, "transactionId": transaction, "reasonCode": "DUPL"}},
	}})
	return refund.find(t, "at", "id").(string), shop
}

// TestWhoeverIsAskedToPayBackSeesTheRequest: at their account and by its identifier, with its challenges; nobody else does.
func TestWhoeverIsAskedToPayBackSeesTheRequest(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	dbtest.CheckMoney(t, store.Pool())
	d := openDoor(t, store)
	id, shop := d.askBack(t)
	const query = `query ($id: ID!, $shop: ID!) {
		transactionRequest(id: $id) { status challenges { status attemptsLeft } }
		node(id: $shop) { ... on Account { transactionRequests { totalCount nodes { id refund { reasonCode } } } } }
		viewer { challenges(filter: { status: [OPEN] }) { nodes { transactionRequestId accountId value { amount } } } }
	}`
	asked := d.ask("demo-approver", query, map[string]any{"id": id, "shop": shop})
	list := asked.find(t, "node", "transactionRequests").(map[string]any)
	if asked.find(t, "transactionRequest", "status") != "INITIATED" || list["totalCount"] != 1.0 || list["nodes"].([]any)[0].(map[string]any)["id"] != id || len(asked.find(t, "viewer", "challenges", "nodes").([]any)) != 1 {
		t.Errorf("%s", asked.raw)
	}
	if owner := d.ask("demo-owner", query, map[string]any{"id": id, "shop": shop}); owner.find(t, "transactionRequest", "status") != "INITIATED" || len(owner.find(t, "viewer", "challenges", "nodes").([]any)) != 0 {
		t.Errorf("%s", owner.raw)
	}
	for _, user := range []string{"demo-stranger", "demo-admin"} {
		if other := d.ask(user, query, map[string]any{"id": id, "shop": shop}); string(other.Data["transactionRequest"]) != "null" {
			t.Errorf("%s: %s", user, other.raw)
		}
	}
	requestID, err := models.ParseID(id)
	if err != nil {
		t.Fatal(err)
	}
	account, err := models.ParseID(exampleAccount)
	if err != nil {
		t.Fatal(err)
	}
	p := pendingOf(t, store, &models.Account{BankID: homeBank, AccountID: account.UUID}, requestID.UUID)
	if done := d.answers("demo-approver", p, "123"); done.find(t, "at", "status") != "COMPLETED" {
		t.Errorf("%s", done.raw)
	}
}

// TestWhoeverAsksForMoneyBackIsNotToldWhoApprovesIt: how many answers it takes, how many are missing and whose they are is known on the side of the account that pays, and to whoever is asked.
func TestWhoeverAsksForMoneyBackIsNotToldWhoApprovesIt(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	dbtest.CheckMoney(t, store.Pool())
	d := openDoor(t, store)
	id, shop := d.askBack(t)
	const query = `query ($id: ID!) {
		transactionRequest(id: $id) { status requiredAnswers challenges { id } statusInfo { ... on TransactionRequestInitiated { requiredAnswers missingAnswers challenges { id } } } }
	}`
	sees := func(user string) string {
		answer := d.ask(user, query, map[string]any{"id": id})
		if len(answer.Errors) > 0 {
			t.Errorf("%s: %s", user, answer.raw)
		}
		return string(answer.Data["transactionRequest"])
	}
	asked := d.ask("demo-approver", `{ viewer { challenges { nodes { id } } } }`, nil)
	challenge := asked.find(t, "viewer", "challenges", "nodes").([]any)[0].(map[string]any)["id"].(string)
	all := fmt.Sprintf(`{"status":"INITIATED","requiredAnswers":1,"challenges":[{"id":%q}],"statusInfo":{"requiredAnswers":1,"missingAnswers":1,"challenges":[{"id":%[1]q}]}}`, challenge)
	none := `{"status":"INITIATED","requiredAnswers":null,"challenges":null,"statusInfo":{"requiredAnswers":null,"missingAnswers":null,"challenges":null}}`
	if got := sees("demo-approver"); got != all {
		t.Errorf("who is asked sees %s", got)
	}
	if got := sees("demo-owner"); got != none {
		t.Errorf("who asks sees %s", got)
	}
	const byID = `query ($id: ID!) { challenge(id: $id) { id } node(id: $id) { id } }`
	if one := d.ask("demo-owner", byID, map[string]any{"id": challenge}); string(one.Data["challenge"]) != "null" || string(one.Data["node"]) != "null" {
		t.Errorf("who asks finds %s", one.raw)
	}
	// Whoever sees requests of the asking account alone sees their own challenge, and still not how many there are.
	d.exec(t, "INSERT INTO account_view (view_id, description, permissions) VALUES ('_pays', 'Pays.', '{can_add_transaction_request_to_any_account,can_add_transaction_request_to_beneficiary}')")
	d.exec(t, "UPDATE account_access SET view_id = '_pays' WHERE account_id = '"+uuidOf(t, shop).String()+"'")
	d.exec(t, "UPDATE account_access SET user_id = (SELECT user_id FROM app_user WHERE username = 'demo-approver') WHERE account_id = '"+uuidOf(t, exampleAccount).String()+"'")
	own := fmt.Sprintf(`{"status":"INITIATED","requiredAnswers":null,"challenges":[{"id":%q}],"statusInfo":{"requiredAnswers":null,"missingAnswers":null,"challenges":[{"id":%[1]q}]}}`, challenge)
	if got := sees("demo-approver"); got != own {
		t.Errorf("who is asked, and sees the asking side alone, sees %s", got)
	}
}

// uuidOf is what stands in the tables for an identifier.
func uuidOf(t *testing.T, id string) uuid.UUID {
	t.Helper()
	parsed, err := models.ParseID(id)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.UUID
}
