package models

import (
	"fmt"
	"regexp"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"
)

// ExchangeRate is a rate at which a bank exchanges currencies.
type ExchangeRate struct {
	bun.BaseModel `bun:"table:exchange_rate" db:"-"`

	ExchangeRateID uuid.UUID `bun:",pk" audit:"-"`
	BankID         string
	FromCurrency   string
	ToCurrency     string
	Rate           decimal.Decimal // how much of ToCurrency one of FromCurrency is
	InverseRate    decimal.Decimal // the other way round
	EffectiveOn    time.Time
	ExpiresOn      *time.Time
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// Ref says which bank the rate belongs to.
func (r *ExchangeRate) Ref() Ref { return Ref{BankID: r.BankID} }

// Name is what the audit trail calls it.
func (r *ExchangeRate) Name() string {
	return fmt.Sprintf("%s/%s %s", r.FromCurrency, r.ToCurrency, r.EffectiveOn.Format(time.DateOnly))
}

// ExchangeRateConnection is a page of rates.
type ExchangeRateConnection = Connection[ExchangeRate]

// ExchangeRateEdge is one of them with its place.
type ExchangeRateEdge = Edge[ExchangeRate]

// Exchange is what somebody wants to exchange at a bank on a day.
type Exchange struct {
	BankID   string
	From, To string
	Day      time.Time // its midnight in UTC; zero is today, by the clock of the database
}

// NewExchange is an exchange on a day, today when there is none.
func NewExchange(bankID, from, to string, day *time.Time) Exchange {
	exchange := Exchange{BankID: bankID, From: from, To: to}
	if day != nil {
		exchange.Day = *day
	}
	return exchange
}

// Today is the midnight in UTC at which the day began, by the clock of this machine: for what no money hangs on.
func Today() time.Time { return time.Now().UTC().Truncate(24 * time.Hour) }

// Ref says which bank is asked.
func (e Exchange) Ref() Ref { return Ref{BankID: e.BankID} }

// For is the rate for an exchange, which may be meant the other way round; nil when it has expired by then.
func (r *ExchangeRate) For(e Exchange) *ExchangeRate {
	if r == nil || r.ExpiresOn != nil && r.ExpiresOn.Before(e.Day) {
		return nil
	}
	rate := *r
	if r.FromCurrency != e.From {
		rate.FromCurrency, rate.ToCurrency, rate.Rate, rate.InverseRate = r.ToCurrency, r.FromCurrency, r.InverseRate, r.Rate
	}
	return &rate
}

// rateForm has no sign and no exponent.
var rateForm = regexp.MustCompile(`\A[0-9]{1,7}(\.[0-9]{1,12})?\z`)

// MarshalRate writes a rate as a string, exactly.
func MarshalRate(d decimal.Decimal) graphql.Marshaler { return quoted(FormatDecimal(d)) }

// UnmarshalRate reads a rate from a string.
func UnmarshalRate(v any) (decimal.Decimal, error) {
	s, err := scalarString("Rate", v)
	if err != nil {
		return decimal.Decimal{}, err
	}
	if !rateForm.MatchString(s) {
		return decimal.Decimal{}, badInput("%q is no Rate: at most 7 digits, a point and at most 12 digits, without sign and exponent", shorten(s))
	}
	return decimal.NewFromString(s)
}
