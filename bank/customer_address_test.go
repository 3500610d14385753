package bank_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"bankgraph/models"
)

func given[T any](value T) graphql.Omittable[T] { return graphql.OmittableOf(value) }

var anyVersion = &models.SeenVersion{Any: to(true)}

// addressed is an address in Leeds that the administrator has made, and the input of a change of it.
func (h house) addressed(t *testing.T) (admin context.Context, address *models.CustomerAddress, input func(version *models.SeenVersion) models.UpdateCustomerAddressInput) {
	t.Helper()
	admin = h.as(t, "demo-admin")
	customer := h.customer(t, "5987953")
	made, err := h.CreateCustomerAddress(admin, models.CreateCustomerAddressInput{
		BankID: firstBank, CustomerID: customer, Line1: "1", Line2: to("2"), City: "Leeds", State: to("Yorkshire"), CountryCode: "GB", Tags: []string{"home"}, Status: to("OK"),
	})
	if err != nil || made.Row.Version != 1 || models.Text(made.Row.State) != "Yorkshire" || models.Text(made.Row.Status) != "OK" {
		t.Fatalf("%+v, %v", made.Row, err) // OBP would give the state as status
	}
	return admin, made.Row, func(version *models.SeenVersion) models.UpdateCustomerAddressInput {
		return models.UpdateCustomerAddressInput{BankID: firstBank, CustomerID: customer, ID: made.Row.ID(), Version: version}
	}
}

func numbered(n int) *models.SeenVersion { return &models.SeenVersion{Number: &n} }

func TestUpdateCustomerAddress(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, address, input := h.addressed(t)
	t.Run("null takes away what may be missing, and absent stays", func(t *testing.T) {
		in := input(numbered(1))
		in.Line2, in.Tags, in.City = given[*string](nil), given[[]string](nil), given(to("York"))
		changed, err := h.UpdateCustomerAddress(admin, in)
		if err != nil || changed.Row.Line2 != nil || len(changed.Row.Tags) != 0 || changed.Row.City != "York" || changed.Row.Line1 != "1" ||
			models.Text(changed.Row.State) != "Yorkshire" || changed.Row.Version != 2 || !changed.Row.UpdatedAt.After(changed.Row.CreatedAt) {
			t.Errorf("%+v, %v", changed.Row, err)
		}
		if entries := h.count(t, `audit_entry WHERE action = 'updateCustomerAddress' AND outcome = 'DONE' AND object_id = $1 AND customer_id = $2
			AND old_values = '{"line2": "2", "city": "Leeds", "tags": ["home"]}' AND new_values = '{"city": "York", "tags": []}'`, address.ID().String(), address.CustomerID); entries != 1 {
			t.Errorf("%d entries in the audit trail", entries)
		}
	})
	t.Run("null where something must be, all at once", func(t *testing.T) {
		in := input(numbered(2))
		in.Line1, in.City, in.CountryCode = given[*string](nil), given(to("")), given[*string](nil)
		_, err := h.UpdateCustomerAddress(admin, in)
		wantRefusal(t, err, models.BadInput, "OBP-10001", "input", "line1", "input", "city", "input", "countryCode")
	})
	t.Run("nothing to change", func(t *testing.T) {
		_, err := h.UpdateCustomerAddress(admin, input(anyVersion))
		wantRefusal(t, err, models.BadInput, "OBP-10001", "input")
	})
	t.Run("any: false is no version", func(t *testing.T) {
		in := input(&models.SeenVersion{Any: to(false)})
		in.City = given(to("Hull"))
		_, err := h.UpdateCustomerAddress(admin, in)
		wantRefusal(t, err, models.BadInput, "OBP-10001", "input", "version")
	})
}

func TestOfManyWhoChangeAnAddressAtOnceOneDoes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, address, input := h.addressed(t)
	t.Run("of those who saw the same version one is done", func(t *testing.T) {
		done := atOnce(t, models.VersionConflict, 6, func(i int) error {
			in := input(numbered(1))
			in.Line1 = given(to(fmt.Sprint("by ", i)))
			_, err := h.UpdateCustomerAddress(admin, in)
			return err
		})
		if found := h.count(t, "customer_address WHERE customer_address_id = $1 AND version = 2", address.CustomerAddressID); done != 1 || found != 1 {
			t.Errorf("%d were done, %d rows have the next version", done, found)
		}
		in := input(numbered(1))
		in.Line1 = given(to("late"))
		_, err := h.UpdateCustomerAddress(admin, in)
		refusal := wantRefusal(t, err, models.VersionConflict, "")
		if current, ok := refusal.Current.(*models.CustomerAddress); refusal.Version != 2 || !ok || current.Version != 2 {
			t.Errorf("%+v", refusal)
		}
	})
	t.Run("it is deleted once, and what was there is in the audit trail", func(t *testing.T) {
		done := atOnce(t, models.NotFound, 6, func(int) error {
			_, err := h.DeleteCustomerAddress(admin, models.DeleteCustomerAddressInput{BankID: firstBank, CustomerID: input(nil).CustomerID, ID: address.ID()})
			return err
		})
		entries := h.count(t, `audit_entry WHERE action = 'deleteCustomerAddress' AND object_id = $1 AND old_values ->> 'city' = 'Leeds' AND new_values = '{}'`, address.ID().String())
		if done != 1 || entries != 1 {
			t.Errorf("%d were done, with %d entries", done, entries)
		}
		in := input(anyVersion)
		in.City = given(to("Hull"))
		_, err := h.UpdateCustomerAddress(admin, in)
		wantRefusal(t, err, models.NotFound, "OBP-30310")
	})
}
