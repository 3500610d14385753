package bank_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"bankgraph/models"
)

func TestACustomerHasOnePaymentCard(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, customer := h.as(t, "demo-admin"), h.customer(t, "5987953")
	add := func(number string) (*models.KycDocument, error) {
		written, err := h.AddKycDocument(admin, models.AddKycDocumentInput{BankID: firstBank, CustomerID: customer, Provider: models.KycDocumentProviderManual, Data: card(number)})
		return written.Row, err
	}
	current := "kyc_document WHERE customer_id = $1 AND type = 'PAYMENT_CARD' AND deleted_at IS NULL AND superseded_at IS NULL"
	if done := atOnce(t, models.InvalidState, 6, func(int) error { _, err := add(visa); return err }); done != 1 || h.count(t, current, customer.UUID) != 1 {
		t.Fatalf("%d cards were added", done)
	}
	first, err := h.store.PaymentCard(t.Context(), firstBank, customer.UUID)
	if err != nil || models.Text(first.CardFirstSix) != "411111" || models.Text(first.CardLastFour) != "1111" {
		t.Fatalf("%+v, %v", first, err)
	}
	_, err = add(mastercard)
	if refusal := wantRefusal(t, err, models.InvalidState, ""); refusal.Status != "UNCHECKED" {
		t.Errorf("%+v", refusal)
	}
	h.check(t, customer)
	if done := atOnce(t, models.InvalidState, 6, func(int) error { _, err := add(mastercard); return err }); done != 1 || h.count(t, current, customer.UUID) != 1 {
		t.Errorf("%d cards took the place of one", done)
	}
	second, err := h.store.PaymentCard(t.Context(), firstBank, customer.UUID)
	if err != nil || models.Text(second.CardLastFour) != "4444" || second.SupersedesUUID == nil || *second.SupersedesUUID != first.KycDocumentID {
		t.Errorf("%+v, %v", second, err)
	}
	in := revision(first, anyVersion)
	in.CardNumber = given(to(visa))
	_, err = h.UpdateKycDocument(admin, in)
	if refusal := wantRefusal(t, err, models.InvalidState, ""); refusal.Status != "SUPERSEDED" {
		t.Errorf("%+v", refusal)
	}
	_, err = h.ReviewKycDocument(h.as(t, "demo-officer"), verdict(first, 2))
	wantRefusal(t, err, models.InvalidState, "")
	if _, err := h.DeleteKycDocument(admin, removal(second)); err != nil {
		t.Fatal(err)
	}
	_, err = add(visa)
	if refusal := wantRefusal(t, err, models.InvalidState, ""); refusal.Status != "UNCHECKED" {
		t.Errorf("to delete a card and to add another is a way around the check: %+v", refusal)
	}
	h.check(t, customer)
	if third, err := add(visa); err != nil || third.SupersedesUUID == nil || *third.SupersedesUUID != second.KycDocumentID {
		t.Errorf("a deleted card stands in the way after a check: %+v %v", third, err)
	}
	for _, old := range []*models.KycDocument{first, second} {
		if entries := h.count(t, `audit_entry WHERE action = 'addKycDocument' AND object_id = $1 AND new_values ? 'supersededAt' AND new_values ? 'supersededAfterUuid'`, old.ID().String()); entries != 1 {
			t.Errorf("%d entries tell that a card was superseded", entries)
		}
	}
	// What the verbs forgot, the table keeps.
	row, _ := models.AddKycDocumentInput{BankID: firstBank, CustomerID: customer, Provider: models.KycDocumentProviderManual, Data: card(mastercard)}.Document(uuid.New())
	wantRefusal(t, h.store.InsertRow(t.Context(), row), models.InvalidState, "")
	if other := h.others(t)[0]; h.addDocument(admin, t, other, identity("AB1234567")) == nil {
		t.Error("another customer")
	}
}

func TestAnUpdateMakesNoOtherCardOfOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, customer := h.as(t, "demo-admin"), h.customer(t, "5987953")
	update := func(of *models.KycDocument, number *string) error {
		in := revision(of, anyVersion)
		in.CardNumber = given(number)
		_, err := h.UpdateKycDocument(admin, in)
		return err
	}
	made := h.addDocument(admin, t, customer, &models.KycDocumentDataInput{PaymentCard: &models.KycPaymentCardInput{}})
	if done := atOnce(t, models.InvalidState, 2, func(i int) error { return update(made, to([]string{visa, mastercard}[i])) }); done != 1 {
		t.Errorf("%d numbers were given", done)
	}
	kept, err := h.store.PaymentCard(t.Context(), firstBank, customer.UUID)
	if err != nil || kept.CardLastFour == nil {
		t.Fatalf("%+v, %v", kept, err)
	}
	same, other := visa, mastercard
	if *kept.CardLastFour == "4444" {
		same, other = other, same
	}
	if err := update(made, &same); err != nil {
		t.Errorf("the same number again: %v", err)
	}
	h.check(t, customer) // nor does a check make room for another number: the old card would be no history
	for _, number := range []*string{&other, nil} {
		if refusal := wantRefusal(t, update(made, number), models.InvalidState, ""); refusal.Status != "GIVEN" {
			t.Errorf("%+v", refusal)
		}
	}
	t.Run("nor is a number given to a card that was checked without", func(t *testing.T) {
		card := h.addDocument(admin, t, h.others(t)[0], &models.KycDocumentDataInput{PaymentCard: &models.KycPaymentCardInput{}})
		h.check(t, models.ID{Kind: models.KindCustomer, UUID: card.CustomerID})
		wantRefusal(t, update(card, to(visa)), models.InvalidState, "")
	})
	t.Run("the table keeps that none is superseded without a check", func(t *testing.T) {
		_, err := h.store.Pool().Exec(t.Context(), "UPDATE kyc_document SET superseded_at = now() WHERE kyc_document_id = $1", made.KycDocumentID)
		if err == nil || !strings.Contains(err.Error(), "kyc_document_card_checked") {
			t.Error(err)
		}
	})
}

// TestACheckAndACardAtOnce has a check begin its transaction before a card does, and be recorded after it: the check was of that card, too.
func TestACheckAndACardAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, customer := h.as(t, "demo-admin"), h.customer(t, "5987953")
	check, err := h.store.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer check.Rollback(t.Context())
	var began time.Time
	if err := check.QueryRow(t.Context(), "SELECT now()").Scan(&began); err != nil {
		t.Fatal(err)
	}
	first := h.addDocument(admin, t, customer, card(visa))
	if _, err := check.Exec(t.Context(), "SELECT FROM customer WHERE customer_id = $1 FOR NO KEY UPDATE", customer.UUID); err != nil {
		t.Fatal(err)
	}
	if _, err := check.Exec(t.Context(), insertCheck, uuid.New(), firstBank, customer.UUID); err != nil {
		t.Fatal(err)
	}
	if err := check.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := h.addDocument(admin, t, customer, card(mastercard))
	if second.SupersedesUUID == nil || *second.SupersedesUUID != first.KycDocumentID || !first.CreatedAt.After(began) {
		t.Errorf("%+v", second)
	}
}

func TestTheIdentifierOfAClientNeverMovesADocument(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, customer, other := h.as(t, "demo-admin"), h.customer(t, "5987953"), h.others(t)[0]
	id := uuid.New()
	add := func(bank string, of models.ID, data *models.KycDocumentDataInput) (*models.KycDocument, error) {
		written, err := h.AddKycDocument(admin, models.AddKycDocumentInput{BankID: bank, CustomerID: of, KycDocumentID: &id, Provider: models.KycDocumentProviderManual, Data: data})
		return written.Row, err
	}
	if done := atOnce(t, "", 6, func(int) error { _, err := add(firstBank, customer, identity("AB1234567")); return err }); done != 6 || h.count(t, "kyc_document WHERE kyc_document_id = $1", id) != 1 {
		t.Errorf("%d tries of one client were done", done)
	}
	again, err := add(firstBank, customer, identity("AB1234567"))
	if err != nil || again.KycDocumentID != id || again.Version != 1 {
		t.Errorf("%+v, %v", again, err)
	}
	_, err = add(firstBank, customer, identity("AB1234568"))
	same := wantRefusal(t, err, models.InvalidState, "")
	_, err = add(firstBank, other, identity("AB1234567"))
	if moved := wantRefusal(t, err, models.InvalidState, ""); moved.Message != same.Message || moved.Status != same.Status || strings.Contains(moved.Message, customer.String()) {
		t.Errorf("%+v tells of another customer", moved)
	}
	var foreign uuid.UUID
	if err := h.store.Pool().QueryRow(t.Context(), "SELECT customer_id FROM customer WHERE bank_id = $1 LIMIT 1", secondBank).Scan(&foreign); err != nil {
		t.Fatal(err)
	}
	if _, err := add(secondBank, models.ID{Kind: models.KindCustomer, UUID: foreign}, identity("CD1234567")); err != nil {
		t.Errorf("another bank: %v", err)
	}
	if h.count(t, "kyc_document WHERE kyc_document_id = $1 AND customer_id = $2 AND number = 'AB1234567'", id, customer.UUID) != 1 || h.count(t, "kyc_document WHERE kyc_document_id = $1", id) != 2 {
		t.Error("a document moved")
	}
	t.Run("two customers at once", func(t *testing.T) {
		id = uuid.New()
		if done := atOnce(t, models.InvalidState, 2, func(i int) error {
			_, err := add(firstBank, []models.ID{customer, other}[i], identity(fmt.Sprint("AB123456", i)))
			return err
		}); done != 1 {
			t.Errorf("%d were added", done)
		}
	})
}
