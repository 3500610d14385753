package bank_test

import (
	"fmt"
	"math/big"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// TestRequestsDoWhatAModelDoes has several users ask for random payments, refunds and ends of these, approve them, one or two of them, say no or let the time go by, at two banks on one database, each sometimes twice at once, and
// the model beside it: both refuse the same for the same reason, and have the same on all accounts at the end, also on those of the banks' own.
func TestRequestsDoWhatAModelDoes(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	other := h.beside()
	rates := h.termsAndRatesOnPaper()
	outcomes := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		p := &paper{outcomes: outcomes, keys: map[string]*paperRequest{}, own: map[string]decimal.Decimal{}, rates: rates}
		h.openOnPaper(rt, p)
		before := h.ownAccounts()
		var wishes []*wish
		for range 5 + roll(rt, "operations", 25) {
			switch kind := roll(rt, "operation", 18); {
			case kind >= 12 && kind < 16 && len(p.requests) > 0:
				h.answerOnPaper(rt, other, p)
			case kind == 16 && len(p.requests) > 0:
				h.expireOnPaper(rt, other, p)
			case kind == 17 && len(p.requests) > 0:
				h.rejectOnPaper(rt, other, p)
			case kind == 9 && len(p.requests) > 0:
				r := pick(rt, "completed", p.requests)
				row, err := h.complete(r.row)
				same(rt, "complete", err, p.complete(r))
				r.learn(row)
			case kind == 10 && len(p.requests) > 0:
				r := pick(rt, "cancelled", p.requests)
				row, err := other.end(r.row, models.TransactionRequestStatusCancelled, "TAKEN_BACK")
				same(rt, "cancel", err, p.cancel(r))
				r.learn(row)
			case kind == 11 && len(p.requests) > 0:
				if r := pick(rt, "due", p.requests); r.status == "PENDING" {
					h.onItsDay(rt, r)
					p.itsDay(r)
				}
			default:
				w := drawWish(rt, p, wishes)
				wishes = append(wishes, w)
				h.askBoth(rt, other, p, w, roll(rt, "twice", 4) == 3)
			}
		}
		h.compare(rt, p, before)
	})
	t.Logf("%v", outcomes) // of which each kind should be there
}

// roll is a number below n, each as likely as the others; rapid's own ranges like small ones.
func roll(rt *rapid.T, what string, n int) int {
	number := 0
	for range 6 {
		number *= 2
		if rapid.Bool().Draw(rt, what) {
			number++
		}
	}
	return number % n
}

func pick[T any](rt *rapid.T, what string, list []T) T { return list[roll(rt, what, len(list))] }

// learn keeps what the bank says of a request after a step.
func (r *paperRequest) learn(row *models.TransactionRequest) {
	if row == nil {
		return
	}
	r.row = row
	if row.TransactionUUID != nil {
		r.transaction = models.ID{Kind: models.KindTransaction, UUID: *row.TransactionUUID}
	}
}

func codeOf(err error) models.Code {
	if err == nil {
		return ""
	}
	return models.CodeOf(err)
}

func same(rt *rapid.T, what string, err error, want models.Code) {
	if got := codeOf(err); got != want {
		rt.Fatalf("%s: the bank says %q (%v), the model %q", what, got, err, want)
	}
}

// askBoth asks the bank and the model; twice asks the bank at two places at once.
func (h till) askBoth(rt *rapid.T, other till, p *paper, w *wish, twice bool) {
	rows, errs := make([]*models.TransactionRequest, 2), make([]error, 2)
	caller := h.as(h.t, w.user)
	if twice {
		dbtest.Codes(dbtest.Together(2, func(i int) error {
			rows[i], errs[i] = []till{h, other}[i].CreateTransactionRequest(caller, w.in)
			return errs[i]
		}))
	} else {
		rows[0], errs[0] = h.CreateTransactionRequest(caller, w.in)
		rows[1], errs[1] = rows[0], errs[0]
	}
	r, code := p.ask(w)
	if code == "" {
		p.outcomes[fmt.Sprint(w.kind, " ", r.status)]++
		if r.isFound {
			p.outcomes[fmt.Sprint(w.kind, " found")]++
		}
	} else {
		p.outcomes[string(code)]++
	}
	for i, err := range errs {
		same(rt, fmt.Sprintf("%s asks for %s %s by %s (%s)", w.user, w.in.Value.Amount, w.in.Value.Currency, w.kind, w.sameText()), err, code)
		if err != nil {
			continue
		}
		row := rows[i]
		if r.row == nil {
			r.id = row.ID()
		}
		r.learn(row)
		if row.ID() != r.id || row.Status != r.status || !row.CreditedAmount.Equal(r.sums.credited) || row.CreditedCurrency != r.sums.currency || !row.ChargeAmount.Equal(r.sums.charge) {
			rt.Fatalf("the bank has %s %s with %s credited and a charge of %s, the model %+v", row.ID(), row.Status, row.CreditedAmount, row.ChargeAmount, r)
		}
	}
}

// onItsDay lets the day come of one request.
func (h till) onItsDay(rt *rapid.T, r *paperRequest) {
	h.later(r.row, 1)
	if ended, err := h.PayDue(h.t.Context()); err != nil || ended != 1 {
		rt.Fatalf("%d were due: %v", ended, err)
	}
	row, err := h.store.TransactionRequest(h.t.Context(), r.row.BankID, r.row.TransactionRequestID)
	if err != nil {
		rt.Fatal(err)
	}
	r.learn(row)
}

// compare holds all that there is against the model.
func (h till) compare(rt *rapid.T, p *paper, before map[string]decimal.Decimal) {
	for _, account := range p.accounts {
		h.has(account.Account, account.balance.String(), account.reserved.String())
	}
	for _, r := range p.requests {
		row, err := h.store.TransactionRequest(h.t.Context(), r.row.BankID, r.row.TransactionRequestID)
		if err != nil || row.Status != r.status {
			rt.Fatalf("the bank has %+v, the model %s: %v", row, r.status, err)
		}
	}
	h.compareChallenges(rt, p)
	after := h.ownAccounts()
	for name := range after {
		if got := after[name].Sub(before[name]); !got.Equal(p.own[name]) {
			rt.Fatalf("%s got %s, in the model %s", name, got, p.own[name])
		}
	}
	if h.t.Failed() {
		rt.Fatal("the bank and the model have different balances")
	}
}

// ownAccounts are what the banks' own accounts have.
func (h till) ownAccounts() map[string]decimal.Decimal {
	h.t.Helper()
	rows, err := h.store.Pool().Query(h.t.Context(), "SELECT bank_id || ' ' || currency || ' ' || kind, balance::text FROM account WHERE kind <> 'CUSTOMER'")
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	own := map[string]decimal.Decimal{}
	for rows.Next() {
		var name, balance string
		if err := rows.Scan(&name, &balance); err != nil {
			h.t.Fatal(err)
		}
		own[name] = number(balance)
	}
	return own
}

// termsAndRatesOnPaper makes the banks take requests as the model does.
func (h till) termsAndRatesOnPaper() map[string]decimal.Decimal {
	h.t.Helper()
	none := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	pool := h.store.Pool()
	for _, sql := range []string{
		"DELETE FROM transaction_request_type", "DELETE FROM exchange_rate",
		`INSERT INTO transaction_request_type (transaction_request_type_id, bank_id, type, is_supported, currency, challenge_threshold, charge_summary, charge_policy, charge_fixed, charge_percentage)
			SELECT gen_random_uuid(), bank_id, type, false, 'EUR', 0, 'x', 'SHARED', 0, 0 FROM bank, unnest('{ACCOUNT,ACCOUNT_OTP,SANDBOX_TAN,COUNTERPARTY,SEPA,SIMPLE,REFUND}'::text[]) AS type`,
		`INSERT INTO account_view (view_id, description, permissions) VALUES ('_payer', 'Pays beneficiaries.', '{can_add_transaction_request_to_beneficiary}')`,
	} {
		if _, err := pool.Exec(h.t.Context(), sql); err != nil {
			h.t.Fatal(err)
		}
	}
	for name, terms := range termsOnPaper {
		var kind, currency string
		if _, err := fmt.Sscan(name, &kind, &currency); err != nil {
			h.t.Fatal(err)
		}
		if _, err := pool.Exec(h.t.Context(), `INSERT INTO transaction_request_type (transaction_request_type_id, bank_id, type, for_currency, is_supported, currency, challenge_threshold,
				payment_limit, daily_limit, charge_summary, charge_policy, charge_fixed, charge_percentage, charge_minimum, charge_maximum)
			SELECT gen_random_uuid(), bank_id, $1::text, $2::text, true, $2::text, $3::text::numeric, $4::text::numeric, $5::text::numeric, 'x', $6::text,
				coalesce($7::text::numeric, 0), coalesce($8::text::numeric, 0), $9::text::numeric, $10::text::numeric FROM bank`,
			kind, currency, terms.threshold, none(terms.limit), none(terms.ofDay), string(terms.policy), none(terms.fixed), none(terms.percent), none(terms.min), none(terms.most)); err != nil {
			h.t.Fatal(err)
		}
	}
	rates := map[string]decimal.Decimal{"EURJPY": number("163.27819"), "JPYEUR": number("0.0061"), "EURUSD": number("1.0837")} // and none from JPY to USD
	for _, bankID := range []string{firstBank, secondBank} {
		for _, rate := range []models.SetExchangeRateInput{
			{BankID: bankID, FromCurrency: "EUR", ToCurrency: "JPY", Rate: rates["EURJPY"], InverseRate: to(rates["JPYEUR"]), EffectiveOn: models.Today()},
			{BankID: bankID, FromCurrency: "EUR", ToCurrency: "USD", Rate: rates["EURUSD"], EffectiveOn: models.Today()},
		} {
			if _, err := h.SetExchangeRate(h.as(h.t, "demo-admin"), rate); err != nil {
				h.t.Fatal(err)
			}
		}
	}
	return rates
}

// The users of the model: one may pay anybody, one beneficiaries, one nobody.
var payingUsers = []string{"demo-owner", "demo-approver", "demo-stranger"}

// openOnPaper opens the accounts of a run, with counterparties.
func (h till) openOnPaper(rt *rapid.T, p *paper) {
	for _, of := range []struct {
		bankID, currency string
		most             int
	}{{firstBank, "EUR", 4000}, {firstBank, "EUR", 1200}, {firstBank, "JPY", 400_000}, {secondBank, "EUR", 3000}, {secondBank, "USD", 100}} {
		balance := fmt.Sprint(of.most * (8 - roll(rt, "opening", 9)) / 8)
		account := &paperAccount{Account: h.open(of.bankID, of.currency, balance), balance: number(balance), may: map[string]paperRight{"demo-owner": mayPayAnybody}}
		if len(p.accounts) == 1 { // takes two
			h.give("demo-approver", account.Account, "standard")
			h.takes(account.Account, "2")
			account.may["demo-approver"], account.quorum = mayPayAnybody, 2
		}
		if len(p.accounts)%2 == 0 {
			h.give("demo-approver", account.Account, "_payer")
			account.may["demo-approver"] = mayPayBeneficiaries
		}
		p.accounts = append(p.accounts, account)
	}
	// One bank has an IBAN, and the other says that it has the same.
	for i, iban := range []string{"", newIBAN(h.t), newIBAN(h.t), "", ""} {
		if p.accounts[i].iban = iban; iban != "" {
			h.route(p.accounts[i].Account, "IBAN", iban)
		}
	}
	p.accounts[3].iban = p.accounts[1].iban
	h.route(p.accounts[3].Account, "IBAN", p.accounts[3].iban)
	for i, from := range p.accounts[:4] {
		payee := p.accounts[(i+1)%len(p.accounts)]
		inside := &paperCounterparty{currency: "EUR", isBeneficiary: true, account: payee}
		inside.id = h.counterparty(from.Account, "Inside", here(payee.BankID, payee.AccountID)).ID()
		outside := &paperCounterparty{iban: anIBAN, currency: "EUR", isBeneficiary: i != 1}
		outside.id = h.counterparty(from.Account, "Outside", func(in *models.CreateCounterpartyInput) { in.IsBeneficiary = i != 1 }).ID()
		from.known = append(from.known, inside, outside)
	}
}

// newIBAN is an IBAN that nobody has.
func newIBAN(t *testing.T) string {
	t.Helper()
	id := newUUID(t)
	number := fmt.Sprintf("%018d", new(big.Int).Mod(new(big.Int).SetBytes(id[:]), big.NewInt(1e18)))
	all, _ := new(big.Int).SetString(number+"131400", 10) // DE
	return fmt.Sprintf("DE%02d%s", 98-new(big.Int).Mod(all, big.NewInt(97)).Int64(), number)
}

// amountsOnPaper are amounts around what changes something, and some that are none.
var amountsOnPaper = map[string][]string{
	"EUR": {"1", "0.01", "9.99", "20.5", "120", "333.33", "499.99", "500", "999.99", "1000", "1499", "1500.01", "0", "-1", "0.001"},
	"USD": {"1", "0.01", "50", "0.001"},
	"JPY": {"1", "20", "1000", "33333", "99999", "100000", "149999", "150000", "200001", "0", "0.5"},
}

// drawWish makes up an input, new or once more, right or wrong.
func drawWish(rt *rapid.T, p *paper, wishes []*wish) *wish {
	if len(wishes) > 0 && roll(rt, "again", 5) == 4 {
		w := *pick(rt, "wish", wishes)
		switch roll(rt, "changed", 4) {
		case 2:
			w.in.Description = "another"
		case 3:
			w.user = pick(rt, "user", payingUsers)
		}
		return &w
	}
	w := &wish{user: payingUsers[max(0, roll(rt, "user", 40)-37)]}
	w.at = pick(rt, "from", p.accounts)
	w.to = pick(rt, "to", p.accounts)
	w.kind = pick(rt, "kind", []models.TransactionRequestType{"ACCOUNT", "ACCOUNT", "ACCOUNT", "ACCOUNT", "ACCOUNT", "ACCOUNT_OTP", "SANDBOX_TAN", "COUNTERPARTY", "COUNTERPARTY", "SEPA", "SIMPLE", "REFUND", "REFUND", "REFUND", "FREE_FORM"})
	w.in = models.CreateTransactionRequestInput{BankID: w.at.BankID, AccountID: w.at.ID(), Description: "Rent", Payee: &models.PayeeInput{}}
	next := fmt.Sprint("key-", len(wishes))
	w.in.IdempotencyKey = pick(rt, "key", []string{next, next, next, next, next, next, next, next, next, next, next, next, next, next, "one", "one", "one", ""})
	amount := pick(rt, "amount", amountsOnPaper[w.at.Currency])
	w.namePayee(rt, p)
	currency := w.at.Currency
	if w.kind == "REFUND" {
		currency = w.of.sums.currency
		if amount = pick(rt, "part", amountsOnPaper[currency]); rapid.Bool().Draw(rt, "all of it") {
			amount = w.of.sums.credited.String()
		}
	}
	if roll(rt, "currency", 20) == 19 {
		currency = "USD"
	}
	w.in.Value = money(amount, currency)
	if roll(rt, "policy", 20) > 15 && (w.kind == "COUNTERPARTY" || w.kind == "SEPA" || roll(rt, "wrongly", 8) == 7) {
		w.in.ChargePolicy = to(pick(rt, "bears", models.AllChargePolicy))
	}
	if later := roll(rt, "later", 16); later > 12 {
		w.day = min(1, 15-later)
		w.in.FutureDate = to(models.Today().AddDate(0, 0, w.day))
	}
	return w
}

// namePayee names a payee as the kind of the wish wants it.
func (w *wish) namePayee(rt *rapid.T, p *paper) {
	var paid []*paperRequest
	for _, r := range p.requests {
		if r.status == "COMPLETED" && r.payee != nil {
			paid = append(paid, r)
		}
	}
	if w.kind == "REFUND" && len(paid) == 0 || w.kind == "COUNTERPARTY" && len(w.at.known) == 0 {
		w.kind = "ACCOUNT"
	}
	payee := w.in.Payee
	switch w.kind { //nolint:exhaustive // those that are drawn
	case "ACCOUNT":
		payee.Account = payeeAt(w.to.Account)
	case "ACCOUNT_OTP":
		payee.AccountOtp = payeeAt(w.to.Account)
	case "SANDBOX_TAN":
		payee.SandboxTan = payeeAt(w.to.Account)
	case "FREE_FORM":
		payee.FreeForm, w.to = to(true), nil
	case "COUNTERPARTY":
		w.to, w.known = nil, pick(rt, "counterparty", w.at.known[:2])
		payee.Counterparty = &models.PayeeCounterpartyInput{CounterpartyID: w.known.id}
	case "SEPA", "SIMPLE":
		w.to, w.iban = nil, pick(rt, "iban", []string{anIBAN, anotherIBAN, "FR1420041010050500013M02606", p.accounts[1].iban, p.accounts[2].iban})
		if w.isName = w.kind == "SIMPLE" || rapid.Bool().Draw(rt, "name"); w.kind == "SIMPLE" {
			payee.Simple = &models.PayeeSimpleInput{Name: "New " + w.iban, AccountRouting: &models.RoutingInput{Scheme: "IBAN", Address: w.iban}}
			break
		}
		payee.Sepa = &models.PayeeSepaInput{IBAN: w.iban}
		if w.isName {
			payee.Sepa.Name = to("Somebody")
		}
	case "REFUND":
		w.of = pick(rt, "of", paid)
		if roll(rt, "of somebody else", 10) < 9 {
			w.at = w.of.payer
			w.in.BankID, w.in.AccountID = w.at.BankID, w.at.ID()
		}
		if roll(rt, "by somebody else", 10) < 9 {
			w.to = w.of.payee
		}
		payee.Refund = &models.PayeeRefundInput{To: &models.PayeeRefundToInput{Account: payeeAt(w.to.Account)}, TransactionID: w.of.transaction, ReasonCode: "DUPL"}
	}
}
