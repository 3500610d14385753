package models

import (
	"regexp"
	"slices"
	"time"
)

// HistoricalPayment is a payment of the past, as both mutations describe it.
type HistoricalPayment struct {
	IdempotencyKey string `audit:"-"`
	Value          MoneyInput
	Description    string
	PostedAt       time.Time
	CompletedAt    time.Time
	Type           string
	From, To       *HistoricalPartyInput

	FromPath, ToPath []string `audit:"-" json:"-"` // where the input has them
}

// wordForm is a word that looks like no other.
var wordForm = regexp.MustCompile(`\A[!-~]{1,32}\z`)

// Validate says what is wrong with it by itself.
func (p HistoricalPayment) Validate() Violations {
	var v Violations
	if !keyForm.MatchString(p.IdempotencyKey) {
		v.Add("This must have 1 to 255 visible characters of ASCII.", "idempotencyKey")
	}
	value := &Money{p.Value.Amount, p.Value.Currency}
	value.validate(&v, "value")
	if value.Amount.IsZero() {
		v.Add("This must be more than zero.", "value", "amount")
	}
	v.Length(&p.Description, 0, maxRequestDescription, "description")
	if !wordForm.MatchString(p.Type) {
		v.Add("This must have 1 to 32 visible characters of ASCII.", "type")
	}
	v.Past(p.PostedAt, "postedAt")
	v.Past(p.CompletedAt, "completedAt")
	if p.CompletedAt.Before(p.PostedAt) {
		v.Add("This is before it was made.", "completedAt")
	}
	for _, side := range []struct {
		in   *HistoricalPartyInput
		path []string
	}{{p.From, p.FromPath}, {p.To, p.ToPath}} {
		var err error
		path := slices.Clone(side.path)
		if side.in.Account != nil {
			_, err = side.in.Account.AccountID.As(KindAccount)
			if path[0] == "from" || path[0] == "to" {
				path = append(path, "account", "accountId")
			}
		} else if side.in.CounterpartyID != nil {
			_, err = side.in.CounterpartyID.As(KindCounterparty)
			path = append(path, "counterpartyId")
		}
		if err != nil {
			v.Add(err.Error(), path...)
		}
	}
	return v
}
