package loaders_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"bankgraph/loaders"
	"bankgraph/models"
)

// TestTheEventsOfABankAreThoseOfItsCustomers is about the one edge whose parent is the bank itself.
func TestTheEventsOfABankAreThoseOfItsCustomers(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	banks, err := l.store.Banks(t.Context())
	if err != nil || len(banks) != 2 {
		t.Fatal(banks, err)
	}
	ctx := loaders.With(l.as(t, "demo-admin"), l.store)
	loaders.HandedAll(ctx, banks)
	var answers []*models.CrmEventConnection
	statements := l.during("ARRAY(SELECT ROW(", func() {
		var failures []error
		answers, failures = all(banks, func(b *models.Bank) (*models.CrmEventConnection, error) {
			return loaders.BankCrmEvents.Load(ctx, b, models.PageArguments{First: to(100)})
		})
		for _, failure := range failures {
			if failure != nil {
				t.Fatal(failure)
			}
		}
	})
	if statements == 0 || statements > 2 {
		t.Errorf("%d statements for two banks", statements)
	}
	for i, bank := range banks {
		var ofCustomers []uuid.UUID
		for _, customer := range l.customers(t, bank.BankID) {
			events, err := loaders.CustomerCrmEvents.Load(ctx, customer, models.PageArguments{First: to(100)})
			if err != nil {
				t.Fatal(err)
			}
			for _, event := range events.Nodes() {
				ofCustomers = append(ofCustomers, event.CrmEventID)
			}
		}
		count, err := answers[i].TotalCount(ctx)
		if err != nil || count != len(ofCustomers) || count != len(answers[i].Nodes()) || count < 10 {
			t.Errorf("%s has %d events, its customers %d: %v", bank.BankID, count, len(ofCustomers), err)
		}
		last := time.Now()
		for _, event := range answers[i].Nodes() {
			if !slices.Contains(ofCustomers, event.CrmEventID) || event.BankID != bank.BankID || event.CreatedAt.After(last) {
				t.Errorf("%+v is in the list of %s", event, bank.BankID)
			}
			last = event.CreatedAt
		}
	}
	if _, err := loaders.BankCrmEvents.Load(l.as(t, "demo-officer"), banks[1], models.PageArguments{}); models.CodeOf(err) != models.Forbidden {
		t.Errorf("A01: an officer of one bank sees what another plans: %v", err)
	}
}
