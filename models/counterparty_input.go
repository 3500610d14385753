package models

import (
	"slices"

	"github.com/google/uuid"
)

// What is allowed of a counterparty. A name and a description are as long as SEPA carries them.
const (
	maxCounterpartyName        = 70
	maxCounterpartyDescription = 140
	maxBespoke                 = 20
	maxBespokeKey              = 64
	maxBespokeValue            = 255
)

// Counterparty is the counterparty that the input describes, with this key.
func (in CreateCounterpartyInput) Counterparty(id uuid.UUID) *Counterparty {
	c := &Counterparty{
		CounterpartyID: id, BankID: in.BankID, AccountID: in.AccountID.UUID, Name: in.Name, NameKey: nameKey(in.Name), Description: in.Description,
		Currency: in.Currency, AccountScheme: in.AccountRouting.Scheme, AccountAddress: in.AccountRouting.Address, IsBeneficiary: in.IsBeneficiary,
		Bespoke: make([]*CounterpartyBespoke, len(in.Bespoke)),
	}
	if in.AccountSecondaryRouting != nil {
		c.SecondScheme, c.SecondAddress = &in.AccountSecondaryRouting.Scheme, &in.AccountSecondaryRouting.Address
	}
	if in.BankRouting != nil {
		c.BankScheme, c.BankAddress = &in.BankRouting.Scheme, &in.BankRouting.Address
	}
	if in.BranchRouting != nil {
		c.BranchScheme, c.BranchAddress = &in.BranchRouting.Scheme, &in.BranchRouting.Address
	}
	for i, pair := range in.Bespoke {
		c.Bespoke[i] = &CounterpartyBespoke{pair.Key, pair.Value}
	}
	return c
}

// Validate says what is wrong with a counterparty that is to be written.
func (c *Counterparty) Validate() Violations {
	var v Violations
	v.Line(c.Name, maxCounterpartyName, "name")
	if c.Description != nil {
		v.Line(*c.Description, maxCounterpartyDescription, "description")
	}
	if !validCurrency(c.Currency) {
		v.Add("ISO 4217 has no such currency.", "currency")
	}
	c.AccountRouting().validate(&v, "accountRouting")
	c.AccountSecondaryRouting().validate(&v, "accountSecondaryRouting")
	c.BankRouting().validate(&v, "bankRouting")
	c.BranchRouting().validate(&v, "branchRouting")
	switch second := c.AccountSecondaryRouting(); {
	case second != nil && second.Scheme == c.AccountScheme:
		v.Add("This is the scheme of `accountRouting`.", "accountSecondaryRouting", "scheme")
	case (c.AccountRouting().IsAccountHere() || second.IsAccountHere()) && !c.BankRouting().IsHere():
		v.Add("An account with the scheme `OBP` is at a bank with the scheme `OBP`.", "bankRouting")
	case c.BankRouting() == nil && c.AccountScheme != SchemeIBAN:
		v.Add("Only an `IBAN` says which bank it is of.", "bankRouting")
	}
	if len(c.Bespoke) > maxBespoke {
		v.Add("These are too many.", "bespoke")
		return v
	}
	for i, pair := range c.Bespoke {
		v.Line(pair.Key, maxBespokeKey, append(entry("bespoke", i), "key")...)
		v.Length(&pair.Value, 0, maxBespokeValue, append(entry("bespoke", i), "value")...)
		if slices.ContainsFunc(c.Bespoke[:i], func(other *CounterpartyBespoke) bool { return other.Key == pair.Key }) {
			v.Add("This key is there already.", append(entry("bespoke", i), "key")...)
		}
	}
	return v
}
