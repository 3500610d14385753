package ledger_test

import (
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"bankgraph/db/dbtest"
	"bankgraph/ledger"
	"bankgraph/models"
)

func TestAPaymentMovesMoneyFromOneAccountToAnother(t *testing.T) {
	t.Parallel()
	h := open(t)
	anna, ben := h.account(bankA, "EUR", "100"), h.account(bankA, "EUR", "0")
	made := payment(anna, ben, "30.01")
	result, err := h.Do(t.Context(), ledger.Order{Deed: made})
	if err != nil || !result.Balance.Equal(number("69.99")) || !result.Spare.Equal(number("69.99")) || time.Since(result.At).Abs() > time.Minute {
		t.Errorf("%+v, %v", result, err)
	}
	h.want(anna, "69.99", "0")
	h.want(ben, "30.01", "0")
	h.must(payment(anna, ben, "0.99"))
	got := one[string](h, "SELECT string_agg(number || ': ' || amount || ' ' || balance_after, ', ' ORDER BY number) FROM posting WHERE account_id = $1", anna.AccountID)
	if got != "1: -30.01 69.99, 2: -0.99 69.00" {
		t.Errorf("the statement is %s", got)
	}
}

// TestAPaymentThatCannotBe has cases M14, M16, M17 and M20, as far as amounts and currencies are the ledger's: what they look like on the wire is the door's.
func TestAPaymentThatCannotBe(t *testing.T) {
	t.Parallel()
	h := open(t)
	euros, others := h.account(bankA, "EUR", "1000000000000"), h.account(bankA, "EUR", "0")
	yen, dinars := h.account(bankA, "JPY", "1000000"), h.account(bankA, "KWD", "1000")
	amount := func(d decimal.Decimal) func(*ledger.Payment) { return func(p *ledger.Payment) { p.Amount = d } }
	own := ledger.Party{BankID: bankA, AccountID: func() (id [16]byte) {
		h.must(payment(ledger.Outside(bankA), others, "1")) // makes the settlement account
		return one[[16]byte](h, "SELECT account_id FROM account WHERE kind = 'SETTLEMENT'")
	}()}
	mustBeRefused(h, map[string]refusal{
		"nothing":                               {payment(euros, others, "0"), models.BadInput},
		"less than nothing":                     {payment(euros, others, "-1"), models.BadInput},
		"nothing with a sign":                   {payment(euros, others, "-0.00"), models.BadInput},
		"half a cent too much":                  {payment(euros, others, "1.005"), models.BadInput},
		"a tenth of a cent":                     {payment(euros, others, "0.001"), models.BadInput},
		"a tenth of a yen":                      {payment(yen, others, "1.5", in("JPY")), models.BadInput},
		"a tenth of a fils":                     {payment(dinars, others, "1.0005", in("KWD")), models.BadInput},
		"more than any bank has":                {payment(euros, others, "1000000000000000000000000000000"), models.BadInput},
		"1E400":                                 {payment(euros, others, "1", amount(decimal.New(1, 400))), models.BadInput},
		"1E2000000000":                          {payment(euros, others, "1", amount(decimal.New(1, 2_000_000_000))), models.BadInput},
		"1E-2000000000":                         {payment(euros, others, "1", amount(decimal.New(1, -2_000_000_000))), models.BadInput},
		"79 digits":                             {payment(euros, others, strings.Repeat("9", 79)), models.BadInput},
		"no currency":                           {payment(euros, others, "1", in("")), models.BadInput},
		"small letters":                         {payment(euros, others, "1", in("eur")), models.BadInput},
		"a currency that is none":               {payment(euros, others, "1", in("XXX")), models.BadInput},
		"a NUL in a currency":                   {payment(euros, others, "1", in("EU\x00")), models.BadInput},
		"another currency than the payer's":     {payment(euros, others, "1", in("USD")), models.BadInput},
		"another currency than the payee's":     {payment(euros, yen, "1"), models.BadInput},
		"exchanged, but not into the payee's":   {payment(euros, yen, "1", into("KWD", "0.3")), models.BadInput},
		"oneself":                               {payment(euros, euros, "1"), models.Policy},
		"an account that is not there":          {payment(euros, ledger.Party{BankID: bankA, AccountID: newID()}, "1"), models.NotFound},
		"an account of another bank":            {payment(euros, ledger.Party{BankID: bankB, AccountID: others.AccountID}, "1"), models.NotFound},
		"from an account that is not there":     {payment(ledger.Party{BankID: bankA, AccountID: newID()}, others, "1"), models.NotFound},
		"to the bank's own account":             {payment(euros, own, "1"), models.NotFound},
		"from the bank's own account":           {payment(own, others, "1"), models.NotFound},
		"at a bank that is not there":           {payment(ledger.Outside("c"), ledger.Party{BankID: "c", AccountID: newID()}, "1"), models.NotFound},
		"out through another bank":              {payment(euros, ledger.Outside(bankB), "1"), models.Policy},
		"from outside to outside":               {payment(ledger.Outside(bankA), ledger.Outside(bankA), "1"), models.Policy},
		"no type":                               {payment(euros, others, "1", func(p *ledger.Payment) { p.Type = "" }), models.BadInput},
		"a long type":                           {payment(euros, others, "1", func(p *ledger.Payment) { p.Type = strings.Repeat("é", 33) }), models.BadInput},
		"a long description":                    {payment(euros, others, "1", func(p *ledger.Payment) { p.Description = strings.Repeat("é", 2001) }), models.BadInput},
		"one instant of two":                    {payment(euros, others, "1", func(p *ledger.Payment) { p.PostedAt = time.Now().Add(-time.Hour) }), models.BadInput},
		"completed before it was posted":        {payment(euros, others, "1", at(-time.Hour, -2*time.Hour)), models.BadInput},
		"completed in the future":               {payment(euros, others, "1", at(-time.Hour, time.Hour)), models.BadInput},
		"more than there is":                    {payment(others, euros, "1.01"), models.InsufficientFunds},
		"as much as there is, and the charge":   {payment(others, euros, "1", charged("0.01", ledger.SharedCharge)), models.InsufficientFunds},
		"a refund of what never was":            {payment(euros, others, "1", refunding(newID())), models.NotFound},
		"no identifier, which is our own doing": {payment(euros, others, "1", func(p *ledger.Payment) { p.TransactionID = [16]byte{} }), models.Internal},
		"into the same currency, which is, too": {payment(euros, others, "1", into("EUR", "1")), models.Internal},
	})
}

func TestARateOrAChargeThatCannotBe(t *testing.T) {
	t.Parallel()
	h := open(t)
	euros, others, yen := h.account(bankA, "EUR", "1000000000000"), h.account(bankA, "EUR", "0"), h.account(bankA, "JPY", "1000000")
	mustBeRefused(h, map[string]refusal{
		"no rate":                      {payment(euros, yen, "1", into("JPY", "0")), models.Policy},
		"a rate below zero":            {payment(euros, yen, "1", into("JPY", "-1")), models.Policy},
		"a rate without an end":        {payment(euros, yen, "1", into("JPY", "1."+strings.Repeat("3", 40))), models.Policy},
		"a rate without an instant":    {payment(euros, yen, "1", into("JPY", "1"), func(p *ledger.Payment) { p.Exchange.EffectiveAt = time.Time{} }), models.Policy},
		"a rate that leaves nothing":   {payment(yen, euros, "1", in("JPY"), into("EUR", "0.006")), models.BadInput},
		"a charge that leaves nothing": {payment(euros, others, "1", charged("1", ledger.ReceiverCharge)), models.BadInput},
		"a charge below zero":          {payment(euros, others, "1", charged("-1", ledger.SenderCharge)), models.BadInput},
		"a charge of half a cent":      {payment(euros, others, "1", charged("0.005", ledger.SenderCharge)), models.BadInput},
		"a charge that nobody bears":   {payment(euros, others, "1", charged("0.01", "NOBODY")), models.BadInput},
		"no charge that nobody bears":  {payment(euros, others, "1", charged("0", "NOBODY")), models.BadInput},
	})
}

type refusal struct {
	payment *ledger.Payment
	want    models.Code
}

// mustBeRefused says which of these payments are not refused as they should be, or leave something behind.
func mustBeRefused(h *house, refusals map[string]refusal) {
	h.t.Helper()
	before := one[int](h, "SELECT count(*) FROM posting")
	for name, c := range refusals {
		if err := h.do(c.payment); err == nil || models.CodeOf(err) != c.want {
			h.t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
	if after := one[int](h, "SELECT count(*) FROM posting"); after != before {
		h.t.Errorf("%d postings were written", after-before)
	}
}

// at is a payment that was made so long ago.
func at(posted, completed time.Duration) func(*ledger.Payment) {
	return func(p *ledger.Payment) { p.PostedAt, p.CompletedAt = time.Now().Add(posted), time.Now().Add(completed) }
}

func TestAPaymentIsExactToTheSmallestCoin(t *testing.T) {
	t.Parallel()
	h := open(t)
	for currency, amount := range map[string]string{"EUR": "0.01", "JPY": "1", "KWD": "0.001"} {
		payer, payee := h.account(bankA, currency, "999999999999"), h.account(bankA, currency, "0")
		for range 3 {
			h.must(payment(payer, payee, amount, in(currency)))
		}
		h.want(payee, number(amount).Mul(number("3")).String(), "0")
	}
	// A float has no such number.
	payer, payee := h.account(bankA, "EUR", "9007199254740993.01"), h.account(bankA, "EUR", "0.1")
	h.must(payment(payer, payee, "9007199254740993.01"))
	h.want(payee, "9007199254740993.11", "0")
	h.want(payer, "0", "0")
}

func TestAPaymentGoesOutAndComesIn(t *testing.T) {
	t.Parallel()
	h := open(t)
	anna := h.account(bankA, "EUR", "100")
	h.must(payment(anna, ledger.Outside(bankA), "60"))
	h.want(anna, "40", "0")
	h.wantOwn(bankA, "EUR", "SETTLEMENT", "60")
	h.must(payment(ledger.Outside(bankA), anna, "70"))
	h.want(anna, "110", "0")
	h.wantOwn(bankA, "EUR", "SETTLEMENT", "-10")
}

func TestEachBankBalancesByItself(t *testing.T) {
	t.Parallel()
	h := open(t)
	anna, ben := h.account(bankA, "EUR", "100"), h.account(bankB, "EUR", "0")
	made := payment(anna, ben, "60")
	h.must(made)
	h.want(anna, "40", "0")
	h.want(ben, "60", "0")
	h.wantOwn(bankA, "EUR", "SETTLEMENT", "60")
	h.wantOwn(bankB, "EUR", "SETTLEMENT", "-60")
	if books := one[string](h, "SELECT string_agg(bank_id, ' ' ORDER BY bank_id) FROM ledger_transaction WHERE transaction_id = $1", made.TransactionID); books != "a b" {
		t.Errorf("it is in the books of %s", books)
	}
}

func TestAnExchange(t *testing.T) {
	t.Parallel()

	t.Run("goes through the bank's positions, and what rounding leaves is kept apart", func(t *testing.T) {
		t.Parallel()
		h := open(t)
		euros, yen := h.account(bankA, "EUR", "100"), h.account(bankB, "JPY", "0")
		made := payment(euros, yen, "10", into("JPY", "163.27819"))
		sums, err := made.Sums()
		if err != nil || !sums.Credited.Equal(number("1632")) || !sums.Rounding.Equal(number("0.7819")) || sums.CreditedCurrency != "JPY" {
			t.Errorf("%+v, %v", sums, err)
		}
		h.must(made)
		h.want(euros, "90", "0")
		h.want(yen, "1632", "0")
		h.wantOwn(bankA, "EUR", "EXCHANGE", "10")
		h.wantOwn(bankA, "JPY", "EXCHANGE", "-1632.7819")
		h.wantOwn(bankA, "JPY", "ROUNDING", "0.7819")
		h.wantOwn(bankA, "JPY", "SETTLEMENT", "1632")
		h.wantOwn(bankB, "JPY", "SETTLEMENT", "-1632")
		got := one[string](h, "SELECT rate || ' ' || rounding || ' ' || rate_effective_at::date FROM ledger_transaction WHERE bank_id = 'b'")
		if got != "163.27819 0.78190 2026-01-01" {
			t.Errorf("the transaction says %s", got)
		}
	})

	t.Run("of a cent, back and forth, makes nobody richer", func(t *testing.T) {
		t.Parallel()
		h := open(t)
		euros, pounds := h.account(bankA, "EUR", "1"), h.account(bankA, "GBP", "1")
		for range 20 {
			_ = h.do(payment(euros, pounds, "0.02", into("GBP", "0.6")))
			_ = h.do(payment(pounds, euros, "0.01", in("GBP"), into("EUR", "1.6666666666")))
		}
		worth := number(one[string](h, "SELECT sum(CASE currency WHEN 'EUR' THEN balance ELSE balance / 0.6 END)::text FROM account WHERE kind = 'CUSTOMER'"))
		if worth.GreaterThan(number("2.6666666666666667")) {
			t.Errorf("what was worth 2.67 is worth %s", worth)
		}
	})

	t.Run("that comes out even leaves nothing", func(t *testing.T) {
		t.Parallel()
		h := open(t)
		euros, dinars := h.account(bankA, "EUR", "100"), h.account(bankA, "KWD", "0")
		h.must(payment(euros, dinars, "10", into("KWD", "0.333")))
		h.want(dinars, "3.33", "0")
		h.wantOwn(bankA, "KWD", "ROUNDING", "0")
	})
}

func TestAChargeIsPostedToWhoBearsIt(t *testing.T) {
	t.Parallel()
	for policy, want := range map[ledger.ChargePolicy]struct{ payer, payee string }{
		ledger.SenderCharge:   {"89.97", "10"},
		ledger.ReceiverCharge: {"90", "9.97"},
		ledger.SharedCharge:   {"89.98", "9.99"}, // the odd cent is the payer's
	} {
		t.Run(string(policy), func(t *testing.T) {
			t.Parallel()
			h := open(t)
			anna, ben := h.account(bankA, "EUR", "100"), h.account(bankB, "EUR", "0")
			h.must(payment(anna, ben, "10", charged("0.03", policy)))
			h.want(anna, want.payer, "0")
			h.want(ben, want.payee, "0")
			h.wantOwn(bankA, "EUR", "CHARGE", "0.03")
			h.wantOwn(bankB, "EUR", "CHARGE", "0")
		})
	}
}

func TestAPaymentOfThePastIsNumberedWhenItIsWritten(t *testing.T) {
	t.Parallel()
	h := open(t)
	anna, ben := h.account(bankA, "EUR", "100"), h.account(bankA, "EUR", "0")
	h.must(payment(anna, ben, "1"))
	h.must(payment(anna, ben, "2", at(-48*time.Hour, -47*time.Hour)))
	h.must(payment(anna, ben, "3"))
	got := one[string](h, `SELECT string_agg(number || ' ' || balance_after || CASE WHEN posted_at < now() - interval '1 day' THEN ' past' ELSE '' END, ', ' ORDER BY number)
		FROM posting JOIN ledger_transaction USING (transaction_id, bank_id) WHERE account_id = $1`, anna.AccountID)
	if got != "1 99, 2 97 past, 3 94" {
		t.Errorf("the statement is %s", got)
	}
	if late := one[bool](h, "SELECT bool_and(recorded_at > now() - interval '1 minute') FROM ledger_transaction"); !late {
		t.Error("a transaction says that it was recorded in the past")
	}
}

func TestAnAccountOpensOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	account := &models.Account{AccountID: newID(), BankID: bankA, ProductCode: "CURRENT", Currency: "EUR", BalanceAmount: number("5")}
	counts := dbtest.Codes(dbtest.Together(16, func(int) error { return h.do(&ledger.Open{Account: account, Floor: new(number("-20"))}) }))
	if counts[dbtest.Done] != 1 || counts[models.InvalidState] != 15 {
		t.Errorf("got %v", counts)
	}
	h.must(payment(ledger.Of(account), ledger.Outside(bankA), "25"))
	h.want(ledger.Of(account), "-20", "0")
	for name, o := range map[string]*ledger.Open{
		"at no bank":      {Account: &models.Account{AccountID: newID(), BankID: "c", ProductCode: "CURRENT", Currency: "EUR"}},
		"below its floor": {Account: &models.Account{AccountID: newID(), BankID: bankA, ProductCode: "CURRENT", Currency: "EUR", BalanceAmount: number("-1")}, Floor: new(decimal.Zero)},
		"in no currency":  {Account: &models.Account{AccountID: newID(), BankID: bankA, ProductCode: "CURRENT", Currency: "XXX"}},
		"of half a cent":  {Account: &models.Account{AccountID: newID(), BankID: bankA, ProductCode: "CURRENT", Currency: "EUR", BalanceAmount: number("0.005")}},
	} {
		if err := h.do(o); err == nil {
			t.Errorf("%s: it opens", name)
		}
	}
}

func TestManyMakeABanksOwnAccountOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	other := openAt(t, h.address, ledger.Options{})
	anna := h.account(bankA, "EUR", "100")
	counts := dbtest.Codes(dbtest.Together(32, func(i int) error { return []*house{h, other}[i%2].do(payment(anna, ledger.Outside(bankA), "1")) }))
	if counts[dbtest.Done] != 32 || one[int](h, "SELECT count(*) FROM account WHERE kind <> 'CUSTOMER'") != 1 {
		t.Errorf("got %v", counts)
	}
	h.want(anna, "68", "0")
}
