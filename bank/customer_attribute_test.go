package bank_test

import (
	"testing"

	"bankgraph/models"
)

func TestAValueFitsItsType(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, customer := h.as(t, "demo-admin"), h.customer(t, "5987953")
	made, err := h.CreateCustomerAttribute(admin, models.CreateCustomerAttributeInput{BankID: firstBank, CustomerID: customer, Name: "N", Type: models.AttributeTypeInteger, Value: "1"})
	if err != nil {
		t.Fatal(err)
	}
	update := func(typ models.AttributeType, value string) (*models.CustomerAttribute, error) {
		written, err := h.UpdateCustomerAttribute(admin, models.UpdateCustomerAttributeInput{
			BankID: firstBank, CustomerID: customer, ID: made.Row.ID(), Name: "N", Type: typ, Value: value,
		})
		return written.Row, err
	}
	for typ, values := range map[models.AttributeType]map[string]bool{
		models.AttributeTypeString:  {"": true, "anything ü": true, "1": true},
		models.AttributeTypeInteger: {"0": true, "-42": true, "999999999999999999": true, "1000000000000000000": false, "": false, "1.0": false, "1e3": false, " 1": false, "1\n": false, "+1": false, "٣": false},
		models.AttributeTypeDouble:  {"1.25": true, "-0.00000001": true, "7": true, ".5": false, "1.": false, "1e3": false, "NaN": false, "1,5": false, "": false, "0.123456789": false},
		models.AttributeTypeDateWithDay: {
			"2026-01-31": true, "2024-02-29": true, "2025-02-29": false, "2026-1-31": false, "31.01.2026": false, "2026-01-31T00:00:00Z": false, "": false, "0001-01-01": false, "2026-13-01": false,
		},
	} {
		for value, fits := range values {
			written, err := update(typ, value)
			if fits && (err != nil || written.Type != typ || written.Value != value) {
				t.Errorf("%q is no %s: %v", value, typ, err)
			}
			if !fits {
				wantRefusal(t, err, models.BadInput, "OBP-10001", "input", "value")
			}
		}
	}
	remove := models.DeleteCustomerAttributeInput{BankID: firstBank, CustomerID: customer, ID: made.Row.ID()}
	if _, err := h.DeleteCustomerAttribute(admin, remove); err != nil {
		t.Fatal(err)
	}
	_, err = update(models.AttributeTypeString, "x")
	wantRefusal(t, err, models.NotFound, "OBP-30069")
}
