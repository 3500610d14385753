package bank_test

import (
	"context"
	"slices"
	"testing"

	"bankgraph/auth"
	"bankgraph/models"
)

func TestAUserIsOneCustomerABank(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, stranger, customers := h.as(t, "demo-admin"), h.id(t, "demo-stranger"), h.others(t)
	link := func(ctx context.Context, bankID string, customer, user models.ID) (*models.UserCustomerLink, error) {
		written, err := h.CreateUserCustomerLink(ctx, models.CreateUserCustomerLinkInput{BankID: bankID, CustomerID: customer, UserID: user})
		return written.Row, err
	}
	// They lock different customers, so that only the database can tell.
	if done := atOnce(t, models.InvalidState, 6, func(i int) error { _, err := link(admin, firstBank, customers[i%3], stranger); return err }); done != 1 {
		t.Errorf("the user became %d customers", done)
	}
	for _, customer := range customers {
		_, err := link(admin, firstBank, customer, stranger)
		if refusal := wantRefusal(t, err, models.InvalidState, "OBP-30007"); refusal.Status != "LINKED" || !slices.Equal(refusal.Allowed, []string{"NOT_LINKED"}) {
			t.Errorf("%+v", refusal)
		}
	}
	_, err := link(admin, firstBank, customers[0], models.ID{Kind: models.KindUser, UUID: newUUID(t)})
	wantRefusal(t, err, models.NotFound, "OBP-20057")
	_, err = link(admin, firstBank, customers[0], customers[1])
	wantRefusal(t, err, models.BadInput, "OBP-10001", "input", "userId")
	_, err = link(t.Context(), firstBank, customers[0], stranger)
	wantRefusal(t, err, models.Unauthenticated, "OBP-20001")

	var foreign models.Customer
	if err := h.store.Pool().QueryRow(t.Context(), "SELECT customer_id FROM customer WHERE bank_id = $1 LIMIT 1", secondBank).Scan(&foreign.CustomerID); err != nil {
		t.Fatal(err)
	}
	h.write(t, "demo-approver", auth.CanCreateUserCustomerLinkAtAnyBank, "")
	if made, err := link(h.as(t, "demo-approver"), secondBank, foreign.ID(), stranger); err != nil || made.BankID != secondBank || !made.IsActive {
		t.Errorf("at another bank, by who may at any: %+v, %v", made, err)
	}
	_, err = link(h.as(t, "demo-approver"), firstBank, foreign.ID(), h.id(t, "demo-officer"))
	wantRefusal(t, err, models.NotFound, "OBP-30046")
}

// TestNobodySaysOfThemselvesWhichCustomerTheyAre is about who may write links and read nothing: by a link to themselves they would
// read any customer, and all that customers see.
func TestNobodySaysOfThemselvesWhichCustomerTheyAre(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(t, "demo-stranger", auth.CanCreateUserCustomerLink, firstBank)
	h.write(t, "demo-approver", auth.CanCreateUserCustomerLinkAtAnyBank, "")
	customer := h.others(t)[0]
	for _, user := range []string{"demo-stranger", "demo-approver", "demo-admin"} {
		_, err := h.CreateUserCustomerLink(h.as(t, user), models.CreateUserCustomerLinkInput{BankID: firstBank, CustomerID: customer, UserID: h.id(t, user)})
		wantRefusal(t, err, models.Policy, "")
		if caller := h.caller(t, user); len(caller.Links) > 0 || h.count(t, "audit_entry WHERE action = 'createUserCustomerLink' AND outcome = 'DENIED' AND username = $1", user) != 1 {
			t.Errorf("%s is %v, or the try is not in the audit trail", user, caller.Links)
		}
	}
	if _, err := h.CreateUserCustomerLink(h.as(t, "demo-stranger"), models.CreateUserCustomerLinkInput{BankID: firstBank, CustomerID: customer, UserID: h.id(t, "demo-approver")}); err != nil {
		t.Errorf("two people cannot help each other: %v", err)
	}
}
