package bank_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// began is when the tests did: what is asked for twice must be of the same instant.
var began = time.Now().UTC().Truncate(time.Second)

// ago is an instant so many days back.
func ago(days int) time.Time { return began.AddDate(0, 0, -days) }

func TestPaymentsOfThePast(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben, elsewhere, yen := h.open(firstBank, "EUR", "100"), h.open(firstBank, "EUR", "0"), h.open(secondBank, "EUR", "0"), h.open(firstBank, "JPY", "0")
	at := func(change ...func(*models.CreateHistoricalTransactionAtBankInput)) models.CreateHistoricalTransactionAtBankInput {
		in := models.CreateHistoricalTransactionAtBankInput{
			BankID: firstBank, FromAccountID: anna.ID(), ToAccountID: ben.ID(), IdempotencyKey: "a", Value: money("10", "EUR"), PostedAt: ago(9), CompletedAt: ago(8), Type: "SEPA",
		}
		for _, c := range change {
			c(&in)
		}
		return in
	}
	admin := h.as(t, "demo-admin")
	first, err := h.CreateHistoricalTransactionAtBank(admin, at())
	if err != nil {
		t.Fatal(err)
	}
	if again, err := h.CreateHistoricalTransactionAtBank(admin, at()); err != nil || again != first {
		t.Errorf("%v %v", again, err)
	}
	h.has(anna, "90", "0")
	if n := h.count("SELECT count(*) FROM ledger_transaction WHERE transaction_id = $1 AND completed_at < now() - interval '7 days' AND recorded_at > now() - interval '1 minute'", first.UUID); n != 1 {
		t.Error("it is not of the past, or not written now")
	}
	if n := h.count("SELECT count(*) FROM audit_entry WHERE object_id = $1 AND bank_id = $2", first.String(), firstBank); n != 1 {
		t.Errorf("%d audit entries", n)
	}
	type input = models.CreateHistoricalTransactionAtBankInput
	for name, test := range map[string]struct {
		in     input
		code   models.Code
		obp    string
		fields string
	}{
		"another input":           {at(func(in *input) { in.Value = money("11", "EUR") }), models.KeyConflict, "", ""},
		"from another account":    {at(func(in *input) { in.FromAccountID = ben.ID() }), models.KeyConflict, "", ""},
		"in the future":           {at(func(in *input) { in.CompletedAt = ago(-1) }), models.BadInput, "OBP-10001", "input completedAt"},
		"done before it was made": {at(func(in *input) { in.PostedAt = ago(7) }), models.BadInput, "OBP-10001", "input completedAt"},
		"M14 nothing":             {at(func(in *input) { in.Value = money("0", "EUR") }), models.BadInput, "OBP-10001", "input value amount"},
		"M16 another currency":    {at(func(in *input) { in.IdempotencyKey, in.Value = "b", money("1", "USD") }), models.BadInput, "OBP-40003", "input value currency"},
		"into another currency":   {at(func(in *input) { in.IdempotencyKey, in.ToAccountID = "b", yen.ID() }), models.BadInput, "OBP-40003", "input value currency"},
		"M17 oneself":             {at(func(in *input) { in.IdempotencyKey, in.ToAccountID = "b", anna.ID() }), models.Policy, "", ""},
		"M07 no key, and no type": {at(func(in *input) { in.IdempotencyKey, in.Type = "", "" }), models.BadInput, "OBP-10001", "input idempotencyKey input type"},
		"A02 of another bank":     {at(func(in *input) { in.IdempotencyKey, in.ToAccountID = "b", elsewhere.ID() }), models.NotFound, "OBP-30018", ""},
		"A05 at another bank":     {at(func(in *input) { in.BankID = "x" }), models.Forbidden, "OBP-20006", ""},
		"more than there is":      {at(func(in *input) { in.IdempotencyKey, in.Value = "b", money("90.01", "EUR") }), models.InsufficientFunds, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.CreateHistoricalTransactionAtBank(admin, test.in)
			wantRefusal(t, err, test.code, test.obp, strings.Fields(test.fields)...)
		})
	}
	_, err = h.CreateHistoricalTransactionAtBank(h.as(t, "demo-owner"), at())
	wantRefusal(t, err, models.Forbidden, "OBP-20006")

	other := h.beside()
	ids := make([]models.ID, 16)
	counts := dbtest.Codes(dbtest.Together(len(ids), func(i int) (err error) {
		ids[i], err = []till{h, other}[i%2].CreateHistoricalTransactionAtBank(admin, at(func(in *input) { in.IdempotencyKey, in.Value = "f", money("5", "EUR") }))
		return err
	}))
	if counts[dbtest.Done] != len(ids) || slices.ContainsFunc(ids, func(id models.ID) bool { return id != ids[0] }) {
		t.Errorf("%v: %v", counts, ids)
	}
	h.has(ben, "15", "0")
}

func TestPaymentsOfThePastFromAndToTheWorldOutside(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, elsewhere, admin := h.open(firstBank, "EUR", "90"), h.open(secondBank, "EUR", "0"), h.as(t, "demo-admin")
	outside := h.counterparty(anna, "Employer")
	side := func(account *models.Account) *models.HistoricalPartyInput {
		return &models.HistoricalPartyInput{Account: payeeAt(account)}
	}
	far := models.SaveHistoricalTransactionInput{
		From: &models.HistoricalPartyInput{CounterpartyID: to(outside.ID())}, To: side(elsewhere), IdempotencyKey: "c", Value: money("30", "EUR"), PostedAt: ago(3), CompletedAt: ago(3), Type: "SALARY",
	}
	if _, err := h.SaveHistoricalTransaction(admin, far); err != nil {
		t.Fatal(err)
	}
	h.has(elsewhere, "30", "0")
	far.From, far.IdempotencyKey = side(anna), "d"
	if _, err := h.SaveHistoricalTransaction(admin, far); err != nil {
		t.Fatal(err)
	}
	h.has(elsewhere, "60", "0")
	far.From, far.To, far.IdempotencyKey = &models.HistoricalPartyInput{CounterpartyID: to(outside.ID())}, &models.HistoricalPartyInput{CounterpartyID: to(outside.ID())}, "e"
	_, err := h.SaveHistoricalTransaction(admin, far)
	wantRefusal(t, err, models.Policy, "")

	// The counterparty gets an account here: the same again is no other payment for that.
	h.route(h.open(secondBank, "USD", "0"), "IBAN", "DE89370400440532013000")
	h.route(h.open(firstBank, "USD", "50"), "IBAN", "DE89370400440532013000")
	far.From, far.To, far.IdempotencyKey = &models.HistoricalPartyInput{CounterpartyID: to(outside.ID())}, side(elsewhere), "c"
	for range 3 {
		if _, err := h.SaveHistoricalTransaction(admin, far); err != nil {
			t.Error(err)
		}
	}
	h.has(elsewhere, "60", "0")
}

func TestAttributesOfATransactionRequest(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "100"), h.open(firstBank, "EUR", "100")
	request, other := h.must(pay(anna, ben, "1")), h.must(pay(ben, anna, "1"))
	if _, err := h.CreateOrUpdateTransactionRequestAttributeDefinition(h.as(t, "demo-admin"), models.CreateOrUpdateTransactionRequestAttributeDefinitionInput{
		BankID: firstBank, Name: "INVOICE", Type: models.AttributeTypeInteger, IsActive: true,
	}); err != nil {
		t.Fatal(err)
	}
	admin := h.as(t, "demo-admin")
	in := models.CreateTransactionRequestAttributeInput{BankID: firstBank, AccountID: anna.ID(), TransactionRequestID: request.ID(), Name: "INVOICE", Type: models.AttributeTypeInteger, Value: "42"}
	made, err := h.CreateTransactionRequestAttribute(admin, in)
	if err != nil || made.CreatedAt.IsZero() {
		t.Fatalf("%+v %v", made, err)
	}
	try := func(change func(*models.CreateTransactionRequestAttributeInput)) error {
		in := in
		in.Name = "NOTE"
		change(&in)
		_, err := h.CreateTransactionRequestAttribute(admin, in)
		return err
	}
	type input = models.CreateTransactionRequestAttributeInput
	wantRefusal(t, try(func(in *input) { in.Name = "INVOICE" }), models.BadInput, "OBP-10001", "input", "name")
	wantRefusal(t, try(func(in *input) { in.Value = "x" }), models.BadInput, "OBP-10001", "input", "value")
	wantRefusal(t, try(func(in *input) { in.TransactionRequestID = other.ID() }), models.NotFound, "OBP-40004") // of another account
	wantRefusal(t, try(func(in *input) { in.BankID = secondBank }), models.NotFound, "OBP-40004")               // A02
	update := models.UpdateTransactionRequestAttributeInput{BankID: firstBank, AccountID: anna.ID(), TransactionRequestID: request.ID(), ID: made.ID(), Name: "INVOICE", Type: models.AttributeTypeInteger, Value: "43"}
	if changed, err := h.UpdateTransactionRequestAttribute(admin, update); err != nil || changed.Value != "43" {
		t.Errorf("%+v %v", changed, err)
	}
	wrong := update
	wrong.Type, wrong.Value = models.AttributeTypeString, "x"
	_, err = h.UpdateTransactionRequestAttribute(admin, wrong)
	wantRefusal(t, err, models.BadInput, "OBP-10001", "input", "type")
	wrong = update
	wrong.AccountID, wrong.TransactionRequestID = ben.ID(), other.ID()
	_, err = h.UpdateTransactionRequestAttribute(admin, wrong) // OBP moves it to the other request
	wantRefusal(t, err, models.NotFound, "OBP-30078")
	_, err = h.UpdateTransactionRequestAttribute(h.as(t, "demo-owner"), update)
	wantRefusal(t, err, models.Forbidden, "OBP-20006")
}
