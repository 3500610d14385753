package db_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// TestARowIsNeverChangedBeforeItWasMade changes a row in the transaction that made it, which began before.
func TestARowIsNeverChangedBeforeItWasMade(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	customer, err := store.CustomerByNumber(t.Context(), "gh.29.uk", "5987953")
	if err != nil || customer == nil {
		t.Fatal(customer, err)
	}
	row := &models.KycDocument{
		KycDocumentID: uuid.New(), BankID: customer.BankID, CustomerID: customer.CustomerID, Type: models.KycDocumentTypePassport, Provider: models.KycDocumentProviderManual,
		IncomeSources: []models.KycIncomeSource{}, ReviewStatus: models.KycReviewStatusNew, DeclineReasons: []models.KycDeclineReason{}, EnteredBy: []uuid.UUID{}, Version: 1,
	}
	err = store.InTx(t.Context(), func(tx *db.Store) error {
		if err := tx.InsertRow(t.Context(), row); err != nil {
			return err
		}
		return tx.UpdateRow(t.Context(), row)
	})
	if err != nil || row.UpdatedAt.Before(row.CreatedAt) || row.Version != 2 {
		t.Errorf("changed at %s, and made at %s: %v", row.UpdatedAt, row.CreatedAt, err)
	}
}

// TestTheTablesRefuseWhatTheVerbsForget writes rows past all verbs.
func TestTheTablesRefuseWhatTheVerbsForget(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	customer, err := store.CustomerByNumber(t.Context(), "gh.29.uk", "5987953")
	if err != nil || customer == nil {
		t.Fatal(customer, err)
	}
	address := func(tags ...string) models.Referrer {
		return &models.CustomerAddress{CustomerAddressID: uuid.New(), BankID: customer.BankID, CustomerID: customer.CustomerID, Line1: "1", City: "c", CountryCode: "GB", Tags: append([]string{}, tags...), Version: 1}
	}
	attribute := func(kind models.AttributeType, value string) models.Referrer {
		return &models.CustomerAttribute{CustomerAttributeID: uuid.New(), BankID: customer.BankID, CustomerID: customer.CustomerID, Name: "N", Type: kind, Value: value}
	}
	mustBeTaken(t, store, map[string]insertion{
		"no tag":                         {address(), ""},
		"tags of 64 characters":          {address(strings.Repeat("é", 64), "a\nb", `"'\`, "null"), ""},
		"a tag of 65 characters":         {address("a", strings.Repeat("x", 65)), "tags"},
		"65 characters in several lines": {address(strings.Repeat("x\n", 33)), "tags"},
		"an empty tag":                   {address("a", ""), "tags"},
		"21 tags":                        {address(slices.Repeat([]string{"x"}, 21)...), "tags"},
		"an integer":                     {attribute(models.AttributeTypeInteger, "-12"), ""},
		"an integer with a point":        {attribute(models.AttributeTypeInteger, "1.5"), "value"},
		"an integer and a line break":    {attribute(models.AttributeTypeInteger, "1\n"), "value"},
		"a decimal number":               {attribute(models.AttributeTypeDouble, "1.50"), ""},
		"a decimal with an exponent":     {attribute(models.AttributeTypeDouble, "1e9"), "value"},
		"a day":                          {attribute(models.AttributeTypeDateWithDay, "2026-01-31"), ""},
		"a day the other way round":      {attribute(models.AttributeTypeDateWithDay, "31-01-2026"), "value"},
		"any text":                       {attribute(models.AttributeTypeString, "1e9"), ""},
		"a type that is none":            {attribute("MONEY", "1"), "type"},
	})
}

// insertion is a row, and the field for which it is refused; empty: it is taken.
type insertion struct {
	row   models.Referrer
	field string
}

func mustBeTaken(t *testing.T, store *db.Store, insertions map[string]insertion) {
	t.Helper()
	for name, test := range insertions {
		err := store.InsertRow(t.Context(), test.row)
		if test.field == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		var refusal *models.Error
		if !errors.As(err, &refusal) || refusal.Code != models.BadInput || len(refusal.Fields) != 1 || !slices.Equal(refusal.Fields[0].Path, []string{"input", test.field}) {
			t.Errorf("%s: %v, %+v", name, err, refusal)
		}
	}
}

func TestTheTableOfDocumentsRefusesWhatTheVerbsForget(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	customer, err := store.CustomerByNumber(t.Context(), "gh.29.uk", "5987953")
	if err != nil || customer == nil {
		t.Fatal(customer, err)
	}
	document := func(change func(*models.KycDocument)) models.Referrer {
		row := &models.KycDocument{
			KycDocumentID: uuid.New(), BankID: customer.BankID, CustomerID: customer.CustomerID, Type: models.KycDocumentTypeBankStatement, Provider: models.KycDocumentProviderManual,
			IncomeSources: []models.KycIncomeSource{}, ReviewStatus: models.KycReviewStatusNew, DeclineReasons: []models.KycDeclineReason{}, EnteredBy: []uuid.UUID{}, Version: 1,
		}
		change(row)
		return row
	}
	mustBeTaken(t, store, map[string]insertion{
		"a document":                  {document(func(*models.KycDocument) {}), ""},
		"a document of no type":       {document(func(d *models.KycDocument) { d.Type = "VIDEO" }), "type"},
		"a document of no provider":   {document(func(d *models.KycDocument) { d.Provider = "POST" }), "provider"},
		"a long additional number":    {document(func(d *models.KycDocument) { d.WholeAdditionalNumber = new(strings.Repeat("é", 51)) }), "additionalNumber"},
		"a long account number":       {document(func(d *models.KycDocument) { d.WholeAccountNumber = new(strings.Repeat("é", 51)) }), "accountNumber"},
		"a long authority":            {document(func(d *models.KycDocument) { d.IssuingAuthority = new(strings.Repeat("é", 256)) }), "issuingAuthority"},
		"a long origin of funds":      {document(func(d *models.KycDocument) { d.OriginOfFunds = new(strings.Repeat("é", 256)) }), "originOfFunds"},
		"an unknown source of income": {document(func(d *models.KycDocument) { d.IncomeSources = []models.KycIncomeSource{"LUCK"} }), "incomeSources"},
		"an unknown income":           {document(func(d *models.KycDocument) { d.AnnualIncome = new("MUCH") }), "annualIncome"},
		"an amount of nothing": {document(func(d *models.KycDocument) {
			d.TransactionAmount, d.TransactionCurrency = decimal.NewNullDecimal(decimal.Zero), new("EUR")
		}), "transactionAmount"},
		"a currency in small letters": {document(func(d *models.KycDocument) {
			d.TransactionAmount, d.TransactionCurrency = decimal.NewNullDecimal(decimal.New(1, 0)), new("eur")
		}), "transactionCurrency"},
		"a whole card number": {document(func(d *models.KycDocument) {
			d.Type, d.CardLastFour = models.KycDocumentTypePaymentCard, new("4111111111111111")
		}), "cardLastFour"},
		"the beginning of a card number": {document(func(d *models.KycDocument) {
			d.Type, d.CardFirstSix = models.KycDocumentTypePaymentCard, new("41111111")
		}), "cardFirstSix"},
	})
}
