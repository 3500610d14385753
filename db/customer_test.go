package db_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// TestTheDatabaseTakesNoCustomerWithoutANameOrANumber is the second wall, behind what the verbs check.
func TestTheDatabaseTakesNoCustomerWithoutANameOrANumber(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	for field, customer := range map[string]models.Customer{
		"legalName": {LegalName: " \t\n", CustomerNumber: "blank"}, "customerNumber": {LegalName: "Blank", CustomerNumber: "  "},
	} {
		customer.BankID, customer.CustomerID, customer.Version, customer.DatesOfBirthOfDependants = "gh.29.uk", uuid.New(), 1, []time.Time{}
		err := store.InTx(t.Context(), func(tx *db.Store) error { return tx.InsertCustomer(t.Context(), &customer) })
		var refusal *models.Error
		if !errors.As(err, &refusal) || len(refusal.Fields) != 1 || !slices.Equal(refusal.Fields[0].Path, []string{"input", field}) {
			t.Errorf("%s: %v", field, err)
		}
	}
}
