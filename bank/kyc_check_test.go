package bank_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"bankgraph/models"
)

func aCheck(customer models.ID, id *uuid.UUID) models.AddKycCheckInput {
	return models.AddKycCheckInput{
		BankID: firstBank, CustomerID: customer, KycCheckID: id, CheckedAt: time.Date(2026, 1, 2, 3, 4, 5, 123456789, time.UTC), How: "video_call",
		StaffUserID: "staff-01", StaffName: "Reviewer One", IsSatisfied: true, Comments: "",
	}
}

func aMedium(customer models.ID, id *uuid.UUID) models.AddKycMediaInput {
	return models.AddKycMediaInput{
		BankID: firstBank, CustomerID: customer, KycMediaID: id, Type: "scan", URL: "https://media.example.com/1.jpg",
		TakenAt: time.Date(2026, 1, 2, 3, 4, 5, 123456789, time.UTC),
	}
}

func TestTheSameCheckAgainIsTheSameSuccess(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, customer, id := h.as(t, "demo-admin"), h.customer(t, "5987953"), newUUID(t)
	first, err := h.AddKycCheck(admin, aCheck(customer, &id))
	if err != nil || first.Row.KycCheckID != id {
		t.Fatal(first, err)
	}
	again, err := h.AddKycCheck(admin, aCheck(customer, &id))
	if err != nil || *again.Row != *first.Row && !again.Row.CreatedAt.Equal(first.Row.CreatedAt) {
		t.Errorf("%+v instead of %+v, %v", again.Row, first.Row, err)
	}
	if done := atOnce(t, models.InvalidState, 8, func(int) error { _, err := h.AddKycCheck(admin, aCheck(customer, &id)); return err }); done != 8 {
		t.Errorf("%d of 8 were done", done)
	}
	if rows := h.count(t, "kyc_check WHERE kyc_check_id = $1", id); rows != 1 {
		t.Errorf("%d rows", rows)
	}
	if changes := h.count(t, "audit_entry WHERE action = 'addKycCheck' AND object_id = $1 AND new_values <> '{}'", first.Row.ID().String()); changes != 1 {
		t.Errorf("the audit trail has %d changes", changes)
	}
	for name, change := range map[string]func(*models.AddKycCheckInput){
		"another time":    func(in *models.AddKycCheckInput) { in.CheckedAt = in.CheckedAt.Add(time.Microsecond) },
		"another way":     func(in *models.AddKycCheckInput) { in.How = "branch_visit" },
		"another member":  func(in *models.AddKycCheckInput) { in.StaffUserID = "staff-02" },
		"another name":    func(in *models.AddKycCheckInput) { in.StaffName = "Reviewer Two" },
		"another outcome": func(in *models.AddKycCheckInput) { in.IsSatisfied = false },
		"another comment": func(in *models.AddKycCheckInput) { in.Comments = "x" },
	} {
		in := aCheck(customer, &id)
		change(&in)
		if _, err := h.AddKycCheck(admin, in); models.CodeOf(err) != models.InvalidState {
			t.Errorf("%s is taken: %v", name, err)
		}
	}
}

func TestAnIdentifierNeverMovesARecord(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, customer, other := h.as(t, "demo-admin"), h.customer(t, "5987953"), h.others(t)[0]
	check, medium := newUUID(t), newUUID(t)
	for _, add := range []func(of models.ID) error{
		func(of models.ID) error { _, err := h.AddKycCheck(admin, aCheck(of, &check)); return err },
		func(of models.ID) error { _, err := h.AddKycMedia(admin, aMedium(of, &medium)); return err },
	} {
		if err := add(customer); err != nil {
			t.Fatal(err)
		}
		refusal := wantRefusal(t, add(other), models.InvalidState, "")
		if refusal.Status != "TAKEN" || refusal.Message != models.Taken().Message {
			t.Errorf("%+v", refusal)
		}
	}
	if moved := h.count(t, "kyc_check JOIN kyc_media USING (customer_id) WHERE kyc_check_id = $1 AND kyc_media_id = $2 AND customer_id = $3", check, medium, customer.UUID); moved != 1 {
		t.Errorf("they are not where they were: %d", moved)
	}
	// Two customers at once: one of them has it, and the other is told no more than that.
	for range 20 {
		id := newUUID(t)
		of := []models.ID{customer, other}
		if done := atOnce(t, models.InvalidState, 2, func(i int) error { _, err := h.AddKycCheck(admin, aCheck(of[i], &id)); return err }); done != 1 {
			t.Fatalf("%d were done", done)
		}
	}
}

func TestTwoBanksMayHaveTheSameIdentifier(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, id := h.as(t, "demo-admin"), newUUID(t)
	var there uuid.UUID
	if err := h.store.Pool().QueryRow(t.Context(), "SELECT customer_id FROM customer WHERE bank_id = $1 LIMIT 1", secondBank).Scan(&there); err != nil {
		t.Fatal(err)
	}
	if _, err := h.AddKycCheck(admin, aCheck(h.customer(t, "5987953"), &id)); err != nil {
		t.Fatal(err)
	}
	foreign := aCheck(models.ID{Kind: models.KindCustomer, UUID: there}, &id)
	foreign.BankID, foreign.How = secondBank, "register_search"
	if made, err := h.AddKycCheck(admin, foreign); err != nil || made.Row.How != "register_search" {
		t.Errorf("%+v, %v", made.Row, err)
	}
}
