package models

import (
	"strings"
	"time"

	"github.com/bojanz/currency"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"
)

// What a challenge has as OBP has it: so many answers, and so many seconds.
const (
	UsualAttempts = 3
	UsualLifetime = 600
)

// TransactionRequestTerms are the terms on which a bank takes transaction requests of a type.
type TransactionRequestTerms struct {
	bun.BaseModel `bun:"table:transaction_request_type" db:"-"`

	TransactionRequestTypeID uuid.UUID `bun:",pk" audit:"-"`
	BankID                   string
	Type                     TransactionRequestType
	ForCurrencyOrAll         string `bun:"for_currency" db:"for_currency"` // empty: for all currencies that have no terms of their own
	IsSupported              bool
	Currency                 string              // of the amounts
	ChallengeThresholdAmount decimal.Decimal     `bun:"challenge_threshold" db:"challenge_threshold"` // zero: always
	PaymentLimitAmount       decimal.NullDecimal `bun:"payment_limit" db:"payment_limit"`
	DailyLimitAmount         decimal.NullDecimal `bun:"daily_limit" db:"daily_limit"`
	ChargeSummary            string
	ChargePolicy             ChargePolicy
	ChargeFixed              decimal.Decimal
	ChargePercentage         decimal.Decimal
	ChargeMinimum            decimal.NullDecimal
	ChargeMaximum            decimal.NullDecimal
	ChallengeMethod          *ChallengeMethod // nil: as the server has it
	ChallengeAttempts        int
	ChallengeLifetime        int // in seconds
	CreatedAt                time.Time
	UpdatedAt                time.Time

	OnAccount uuid.UUID `bun:"-" db:"-" audit:"-"` // the account that they are told about, if any: it decides who may see them
}

// Ref says whose terms they are.
func (t *TransactionRequestTerms) Ref() Ref { return Ref{BankID: t.BankID, Account: t.OnAccount} }

// Name is what the audit trail calls them.
func (t *TransactionRequestTerms) Name() string {
	return strings.TrimSpace(string(t.Type) + " " + t.ForCurrencyOrAll)
}

// ForCurrency is the currency of the requests that they count for, nil for all that have no terms of their own.
func (t *TransactionRequestTerms) ForCurrency() *string { return optional(t.ForCurrencyOrAll) }

// ChallengeThreshold is the amount from which on a challenge must be answered.
func (t *TransactionRequestTerms) ChallengeThreshold() *Money {
	return NewMoney(t.ChallengeThresholdAmount, t.Currency)
}

// Challenge is how the challenges are.
func (t *TransactionRequestTerms) Challenge() *ChallengeTerms {
	return &ChallengeTerms{Method: t.ChallengeMethod, Attempts: t.ChallengeAttempts, Lifetime: t.ChallengeLifetime}
}

// PaymentLimit is how much one request may be, nil without a limit.
func (t *TransactionRequestTerms) PaymentLimit() *Money { return t.money(t.PaymentLimitAmount) }

// DailyLimit is how much all requests of a day may be together, nil without a limit.
func (t *TransactionRequestTerms) DailyLimit() *Money { return t.money(t.DailyLimitAmount) }

// Tariff is what the charge is made of.
func (t *TransactionRequestTerms) Tariff() *ChargeTariff {
	return &ChargeTariff{Fixed: NewMoney(t.ChargeFixed, t.Currency), Percentage: t.ChargePercentage, Minimum: t.money(t.ChargeMinimum), Maximum: t.money(t.ChargeMaximum)}
}

func (t *TransactionRequestTerms) money(amount decimal.NullDecimal) *Money {
	if !amount.Valid {
		return nil
	}
	return NewMoney(amount.Decimal, t.Currency)
}

// NeedsChallenge says whether a request of an amount, in the currency of the terms, takes a challenge.
func (t *TransactionRequestTerms) NeedsChallenge(amount decimal.Decimal) bool {
	return amount.GreaterThanOrEqual(t.ChallengeThresholdAmount)
}

// Charge is what the bank charges for an amount in the currency of the terms, the least charge when there is none. An amount that no payment
// can have is BadInput.
func (t *TransactionRequestTerms) Charge(amount *decimal.Decimal) (*TransactionRequestCharge, error) {
	value := t.ChargeFixed
	if amount != nil {
		if payment := (&Money{*amount, t.Currency}); !amount.IsPositive() || !payment.isWhole() {
			return nil, badInput("%s is no amount of %s that can be paid.", FormatDecimal(*amount), t.Currency)
		}
		value = value.Add(amount.Mul(t.ChargePercentage).Shift(-2))
	}
	if t.ChargeMinimum.Valid {
		value = decimal.Max(value, t.ChargeMinimum.Decimal)
	}
	if t.ChargeMaximum.Valid {
		value = decimal.Min(value, t.ChargeMaximum.Decimal)
	}
	return &TransactionRequestCharge{Summary: t.ChargeSummary, Value: NewMoney(roundTo(value, t.Currency), t.Currency)}, nil
}

// In are the terms with their amounts in the currency of a rate, rounded half up; those that are in it already need none.
func (t *TransactionRequestTerms) In(code string, rate *ExchangeRate) *TransactionRequestTerms {
	terms := *t
	terms.ForCurrencyOrAll, terms.Currency = code, code
	if code == t.Currency {
		return &terms
	}
	at := func(amount decimal.Decimal) decimal.Decimal { return roundTo(amount.Mul(rate.Rate), code) }
	terms.ChallengeThresholdAmount, terms.ChargeFixed = at(t.ChallengeThresholdAmount), at(t.ChargeFixed)
	for _, amount := range []*decimal.NullDecimal{&terms.PaymentLimitAmount, &terms.DailyLimitAmount, &terms.ChargeMinimum, &terms.ChargeMaximum} {
		if amount.Valid {
			amount.Decimal = at(amount.Decimal)
		}
	}
	return &terms
}

// roundTo rounds half up to the decimals of a currency.
func roundTo(amount decimal.Decimal, code string) decimal.Decimal {
	digits, _ := currency.GetDigits(code)
	return amount.Round(int32(digits))
}

// TermsOfBank are all terms of a bank that has set some: those for all currencies, which it may have left to be the defaults, and after
// them those for single ones, type by type.
func TermsOfBank(bankID string, set []*TransactionRequestTerms) []*TransactionRequestTerms {
	var all []*TransactionRequestTerms
	for _, kind := range AllTransactionRequestType {
		forAll, single := defaultTerms(bankID, kind), []*TransactionRequestTerms(nil)
		for _, terms := range set {
			switch {
			case terms.Type != kind:
			case terms.ForCurrencyOrAll == "":
				forAll = terms
			default:
				single = append(single, terms)
			}
		}
		all = append(append(all, forAll), single...)
	}
	return all
}

// TermsForCurrency are the terms of each type that count for requests in a currency, of all terms of a bank.
func TermsForCurrency(all []*TransactionRequestTerms, code string) []*TransactionRequestTerms {
	var counting []*TransactionRequestTerms
	for _, terms := range all {
		switch terms.ForCurrencyOrAll {
		case "":
			counting = append(counting, terms)
		case code:
			counting[len(counting)-1] = terms // those for all currencies of the type stand before it
		}
	}
	return counting
}

// Supported are those of requests that the bank takes.
func Supported(all []*TransactionRequestTerms) []*TransactionRequestTerms {
	supported := []*TransactionRequestTerms{}
	for _, terms := range all {
		if terms.IsSupported {
			supported = append(supported, terms)
		}
	}
	return supported
}

// defaultTerms are OBP's: a challenge from 1000 EUR on, and always for a refund; 100000 EUR at most; 0.01 % as a charge, from 2 to 50 EUR. CARD, FREE_FORM and
// REFUND are off until a bank says otherwise. OBP takes the limit and the bounds of the charge in whichever currency; here they are in EUR, and converted.
func defaultTerms(bankID string, kind TransactionRequestType) *TransactionRequestTerms {
	terms := &TransactionRequestTerms{
		BankID: bankID, Type: kind, IsSupported: true, Currency: "EUR", ChallengeThresholdAmount: decimal.NewFromInt(1000),
		PaymentLimitAmount: decimal.NewNullDecimal(decimal.NewFromInt(100_000)), ChargeSummary: "total charges for completed transaction", ChargePolicy: ChargePolicyShared,
		ChargePercentage: decimal.New(1, -2), ChargeMinimum: decimal.NewNullDecimal(decimal.NewFromInt(2)), ChargeMaximum: decimal.NewNullDecimal(decimal.NewFromInt(50)),
		ChallengeAttempts: UsualAttempts, ChallengeLifetime: UsualLifetime,
	}
	switch kind { //nolint:exhaustive // the others are as they are
	case TransactionRequestTypeCard:
		terms.IsSupported, terms.ChargePolicy = false, ChargePolicyReceiver
	case TransactionRequestTypeFreeForm:
		terms.IsSupported = false
	case TransactionRequestTypeRefund:
		terms.IsSupported, terms.ChallengeThresholdAmount = false, decimal.Zero
	}
	return terms
}

// AccountTerms asks for the terms of an account's requests.
type AccountTerms struct {
	BankID    string
	AccountID uuid.UUID
	Currency  string
}

// Ref says whose they are.
func (a AccountTerms) Ref() Ref { return Ref{BankID: a.BankID, Account: a.AccountID} }

// Terms asks for the terms of the account's requests.
func (a *Account) Terms() *AccountTerms { return &AccountTerms{a.BankID, a.AccountID, a.Currency} }
