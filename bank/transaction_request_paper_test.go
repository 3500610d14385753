package bank_test

import (
	"encoding/json"
	"fmt"

	"github.com/shopspring/decimal"

	"bankgraph/models"
)

// paper is what createTransactionRequest promises, as simply as it can be said: numbers in memory, one request after the other. It shares no rule with the bank
// but the words of its inputs.
type paper struct {
	accounts []*paperAccount
	requests []*paperRequest
	keys     map[string]*paperRequest
	own      map[string]decimal.Decimal // what was added to the bank's own accounts
	rates    map[string]decimal.Decimal // of all banks, by the two currencies
	outcomes map[string]int             // of all runs
}

type paperAccount struct {
	*models.Account

	balance, reserved decimal.Decimal
	may               map[string]paperRight // by user
	iban              string                // empty for none
	quorum            int                   // users who must approve what it pays; 0 as 1
	known             []*paperCounterparty
}

type paperRight int

const (
	mayNothing paperRight = iota
	mayPayBeneficiaries
	mayPayAnybody
)

type paperCounterparty struct {
	iban, currency string
	isBeneficiary  bool
	account        *paperAccount // nil outside
	id             models.ID     // zero when a request made it
}

// paperTerms are the terms of both banks. What has no line is not taken.
type paperTerms struct {
	threshold, limit, ofDay   string // empty: none
	fixed, percent, min, most string
	policy                    models.ChargePolicy
	mayChoose                 bool // who bears the charge
}

var termsOnPaper = map[string]paperTerms{
	"ACCOUNT EUR":      {threshold: "1000", limit: "1500", ofDay: "2500", policy: "SHARED"},
	"ACCOUNT JPY":      {threshold: "150000", limit: "200000", ofDay: "300000", policy: "SHARED"},
	"ACCOUNT_OTP EUR":  {threshold: "0", limit: "1500", policy: "SHARED"},
	"SANDBOX_TAN EUR":  {threshold: "1000", fixed: "0.55", policy: "SENDER"},
	"SANDBOX_TAN JPY":  {threshold: "100000", percent: "1", min: "20", most: "500", policy: "RECEIVER"},
	"COUNTERPARTY EUR": {threshold: "1000", percent: "0.5", min: "0.15", most: "3", policy: "SHARED", mayChoose: true},
	"COUNTERPARTY JPY": {threshold: "100000", fixed: "7", policy: "SHARED", mayChoose: true},
	"SEPA EUR":         {threshold: "1000", fixed: "0.20", policy: "RECEIVER", mayChoose: true},
	"SIMPLE EUR":       {threshold: "500", percent: "1", policy: "SHARED", mayChoose: true},
	"REFUND EUR":       {threshold: "0", policy: "SHARED"},
	"REFUND JPY":       {threshold: "0", policy: "SHARED"},
}

// paperRequest is a request that was made.
type paperRequest struct {
	id           models.ID
	transaction  models.ID // when it is paid
	row          *models.TransactionRequest
	input        string
	kind         models.TransactionRequestType
	status       models.TransactionRequestStatus
	payer, payee *paperAccount // the payee is nil outside
	amount       decimal.Decimal
	sums         paperSums
	of           *paperRequest // that it refunds
	isReserved   bool
	isFound      bool // by an IBAN of the payer's bank
	day          int  // 0 for today
	required     int  // right answers, of which so many are given
	given        int
	asked        map[string]*paperChallenge // by user
}

// paperSums are what a payment comes to.
type paperSums struct {
	charge, debited, moved, credited, rounding decimal.Decimal
	currency                                   string // of what is credited
}

var coins = map[string]int32{"EUR": 2, "USD": 2, "JPY": 0}

// wish is an input with what it means.
type wish struct {
	user   string
	in     models.CreateTransactionRequestInput
	kind   models.TransactionRequestType
	at, to *paperAccount // the account of the call, and the payee by account
	known  *paperCounterparty
	iban   string
	isName bool // whether a name goes with the IBAN
	of     *paperRequest
	day    int
}

// sameText is an input without its key, in one spelling.
func (w *wish) sameText() string {
	same := w.in
	same.IdempotencyKey = ""
	same.Value = &models.MoneyInput{Amount: decimal.RequireFromString(w.in.Value.Amount.String()), Currency: w.in.Value.Currency}
	text, err := json.Marshal(same)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func (w *wish) key() string {
	return fmt.Sprint(w.user, " ", w.at.AccountID, " ", w.in.IdempotencyKey)
}

// ask is what becomes of a wish: a request, which is new or was made with the same key, or the code of a refusal.
func (p *paper) ask(w *wish) (*paperRequest, models.Code) {
	right, needed := w.at.may[w.user], mayPayBeneficiaries
	switch w.kind { //nolint:exhaustive // the others
	case "ACCOUNT", "ACCOUNT_OTP", "SANDBOX_TAN":
		needed = mayPayAnybody
	case "FREE_FORM":
		needed = mayPayAnybody + 1 // nobody here
	}
	amount, mayChoose := w.in.Value.Amount, w.kind == "COUNTERPARTY" || w.kind == "SEPA" || w.kind == "SIMPLE"
	switch {
	case right < needed:
		return nil, models.Forbidden
	case w.in.IdempotencyKey == "", !amount.IsPositive(), !amount.Equal(amount.Truncate(coins[w.in.Value.Currency])),
		w.in.ChargePolicy != nil && !mayChoose, w.in.FutureDate != nil && w.kind == "REFUND":
		return nil, models.BadInput
	}
	if used := p.keys[w.key()]; used != nil {
		if used.input == w.sameText() {
			return used, ""
		}
		return nil, models.KeyConflict
	}
	if w.in.FutureDate != nil && w.day < 1 {
		return nil, models.BadInput
	}
	request, made, code := p.find(w, right)
	if code == "" {
		code = p.price(w, request)
	}
	if code == "" {
		code = p.limits(request)
	}
	needs := decimal.Zero
	terms := termsOnPaper[string(w.kind)+" "+w.in.Value.Currency]
	if isChallenged := code == "" && amount.GreaterThanOrEqual(decimal.RequireFromString(terms.threshold)); isChallenged || w.in.FutureDate == nil {
		needs = request.sums.debited
		request.isReserved = isChallenged
	}
	if code == "" && request.payer.balance.Sub(request.payer.reserved).LessThan(needs) {
		code = models.InsufficientFunds
		if request.payer != w.at { // of whose account nothing is told
			code = models.Policy
		}
	}
	if code != "" {
		return nil, code
	}
	if made != nil {
		w.at.known = append(w.at.known, made)
	}
	p.keys[w.key()] = request
	p.requests = append(p.requests, request)
	switch {
	case request.isReserved:
		request.status = "INITIATED"
		request.challenge(w)
		request.payer.reserved = request.payer.reserved.Add(request.sums.debited)
	case w.in.FutureDate != nil:
		request.status = "PENDING"
	default:
		p.pay(request)
	}
	return request, ""
}

// find says who pays and who gets it, and which counterparty the account gets by that.
func (p *paper) find(w *wish, right paperRight) (*paperRequest, *paperCounterparty, models.Code) {
	r := &paperRequest{input: w.sameText(), kind: w.kind, payer: w.at, payee: w.to, amount: w.in.Value.Amount, day: w.day}
	r.sums.currency = w.at.Currency
	known, made := w.known, (*paperCounterparty)(nil)
	iban := w.iban
	if known != nil {
		iban = known.iban
	}
	var found *paperAccount // at the payer's bank
	for _, account := range p.accounts {
		if iban != "" && account.iban == iban && account.BankID == w.at.BankID {
			found = account
		}
	}
	if w.iban != "" {
		for _, candidate := range w.at.known {
			if candidate.iban == w.iban {
				known = candidate
			}
		}
		switch {
		case known == nil || !known.isBeneficiary:
			if right < mayPayAnybody {
				return r, nil, models.Forbidden
			}
		}
		if known == nil && w.kind == "SIMPLE" {
			made = &paperCounterparty{iban: w.iban, currency: w.at.Currency, isBeneficiary: true}
			known = made
		}
		if known == nil && !w.isName && (found == nil || found.may[w.user] == mayNothing) {
			return r, nil, models.BadInput
		}
	}
	if known != nil {
		if w.kind == "COUNTERPARTY" && !known.isBeneficiary {
			return r, nil, models.Policy
		}
		r.payee, r.sums.currency = known.account, known.currency
	}
	if found != nil {
		r.payee, r.isFound = found, true
	}
	if w.kind == "REFUND" {
		if w.of.payer != w.at || w.to != w.of.payee || w.to == nil {
			return r, nil, models.NotFound
		}
		r.payer, r.payee, r.of = w.to, w.at, w.of
	}
	if r.payee != nil {
		r.sums.currency = r.payee.Currency
	}
	switch {
	case w.in.Value.Currency != r.payer.Currency:
		return r, nil, models.BadInput
	case r.payer == r.payee:
		return r, nil, models.Policy
	}
	return r, made, ""
}

// price is the limit of one payment, the charge and the exchange.
func (p *paper) price(w *wish, r *paperRequest) models.Code {
	terms, isTaken := termsOnPaper[string(r.kind)+" "+r.payer.Currency]
	number := func(s string) decimal.Decimal {
		if s == "" {
			return decimal.Zero
		}
		return decimal.RequireFromString(s)
	}
	switch {
	case !isTaken:
		return models.Policy
	case terms.limit != "" && r.amount.GreaterThan(number(terms.limit)):
		return models.LimitExceeded
	}
	s, digits := &r.sums, coins[r.payer.Currency]
	s.charge = number(terms.fixed).Add(r.amount.Mul(number(terms.percent)).Div(number("100")))
	if terms.min != "" {
		s.charge = decimal.Max(s.charge, number(terms.min))
	}
	if terms.most != "" {
		s.charge = decimal.Min(s.charge, number(terms.most))
	}
	s.charge = s.charge.Round(digits)
	policy := terms.policy
	if w.in.ChargePolicy != nil {
		policy = *w.in.ChargePolicy
	}
	ofPayee := map[models.ChargePolicy]decimal.Decimal{"RECEIVER": s.charge, "SHARED": s.charge.Div(number("2")).Truncate(digits)}[policy]
	s.debited, s.moved = r.amount.Add(s.charge.Sub(ofPayee)), r.amount.Sub(ofPayee)
	s.credited = s.moved
	if s.currency != r.payer.Currency {
		if w.in.FutureDate != nil {
			return models.BadInput
		}
		rate, isThere := p.rates[r.payer.Currency+s.currency]
		if !isThere {
			return models.Policy
		}
		exact := s.moved.Mul(rate)
		s.credited = exact.Truncate(coins[s.currency])
		s.rounding = exact.Sub(s.credited)
	}
	if !s.credited.IsPositive() {
		return models.BadInput
	}
	return ""
}

// limits are those of a day, and of what is refunded, for which others are asked once in an hour, whatever becomes of it. No run takes as long.
func (p *paper) limits(r *paperRequest) models.Code {
	paid, refunded, isAsked := r.amount, r.amount, false
	for _, other := range p.requests {
		isAsked = isAsked || r.of != nil && other.of == r.of
		switch other.status { //nolint:exhaustive // the others count
		case "CANCELLED", "FAILED", "REJECTED":
			continue
		}
		if other.kind == r.kind && other.payer == r.payer && other.day == r.day {
			paid = paid.Add(other.amount)
		}
		if r.of != nil && other.of == r.of {
			refunded = refunded.Add(other.amount)
		}
	}
	switch terms := termsOnPaper[string(r.kind)+" "+r.payer.Currency]; {
	case terms.ofDay != "" && paid.GreaterThan(decimal.RequireFromString(terms.ofDay)):
		return models.LimitExceeded
	case r.of != nil && refunded.GreaterThan(r.of.sums.credited), isAsked:
		return models.Policy
	}
	return ""
}

// pay moves the money of a request, from what is reserved for it if anything is.
func (p *paper) pay(r *paperRequest) {
	s, home, from := r.sums, r.payer.BankID, r.payer.Currency
	p.release(r)
	r.status = "COMPLETED"
	r.payer.balance = r.payer.balance.Sub(s.debited)
	add := func(bankID, currency, kind string, amount decimal.Decimal) {
		name := bankID + " " + currency + " " + kind
		p.own[name] = p.own[name].Add(amount)
	}
	add(home, from, "CHARGE", s.charge)
	if from != s.currency {
		add(home, from, "EXCHANGE", s.moved)
		add(home, s.currency, "EXCHANGE", s.credited.Add(s.rounding).Neg())
		add(home, s.currency, "ROUNDING", s.rounding)
	}
	switch {
	case r.payee == nil:
		add(home, s.currency, "SETTLEMENT", s.credited)
		return
	case r.payee.BankID != home:
		add(home, s.currency, "SETTLEMENT", s.credited)
		add(r.payee.BankID, s.currency, "SETTLEMENT", s.credited.Neg())
	}
	r.payee.balance = r.payee.balance.Add(s.credited)
}

func (p *paper) release(r *paperRequest) {
	if r.isReserved {
		r.payer.reserved = r.payer.reserved.Sub(r.sums.debited)
		r.isReserved = false
	}
}

// complete is when all challenges are answered.
func (p *paper) complete(r *paperRequest) models.Code {
	switch {
	case !r.isUndecided():
		return models.InvalidState
	case r.day > 0:
		r.status = "PENDING"
	default:
		p.pay(r)
	}
	r.close()
	return ""
}

// cancel is when somebody takes it back.
func (p *paper) cancel(r *paperRequest) models.Code {
	if !r.isUndecided() && r.status != "PENDING" {
		return models.InvalidState
	}
	p.release(r)
	r.status = "CANCELLED"
	r.close()
	return ""
}

// itsDay is when the day has come of a request that waits for it.
func (p *paper) itsDay(r *paperRequest) {
	r.day = 0
	if !r.isReserved && r.payer.balance.Sub(r.payer.reserved).LessThan(r.sums.debited) {
		r.status = "FAILED"
		return
	}
	p.pay(r)
}
