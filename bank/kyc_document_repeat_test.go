package bank_test

import (
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"bankgraph/models"
)

func TestNobodyLearnsANumberByAddingTheDocumentAgain(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	id := newUUID(t)
	add := func(user string) error {
		_, err := a.AddKycDocument(a.as(t, user), models.AddKycDocumentInput{
			BankID: firstBank, CustomerID: a.customer, KycDocumentID: &id, Provider: models.KycDocumentProviderManual,
			Data: &models.KycDocumentDataInput{Identity: &models.KycIdentityInput{Type: models.KycIdentityTypePassport, Number: to("AB1234567")}},
		})
		return err
	}
	if err := add("demo-officer"); err != nil {
		t.Fatal(err)
	}
	if err := add("demo-officer"); err != nil {
		t.Errorf("a client that tries again: %v", err)
	}
	if err := add("demo-admin"); models.CodeOf(err) != models.InvalidState {
		t.Errorf("somebody else with the right number: %v", err)
	}
	there, err := a.house.store.KycDocumentOfBank(t.Context(), firstBank, id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.UpdateKycDocument(a.as(t, "demo-admin"), models.UpdateKycDocumentInput{
		BankID: firstBank, CustomerID: a.customer, ID: there.ID(), Version: anyVersion, IssuePlace: graphql.OmittableOf(to("Somewhere")),
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.UpdateKycDocument(a.as(t, "demo-admin"), models.UpdateKycDocumentInput{
		BankID: firstBank, CustomerID: a.customer, ID: there.ID(), Version: anyVersion, IssuePlace: graphql.OmittableOf[*string](nil),
	}); err != nil {
		t.Fatal(err)
	}
	if err := add("demo-admin"); models.CodeOf(err) != models.InvalidState {
		t.Errorf("somebody who changed another field of it: %v", err)
	}
	if err := add("demo-officer"); err != nil {
		t.Errorf("who added it, once it says the same again: %v", err)
	}
	a.exec(t, "UPDATE kyc_document SET added_by = NULL WHERE kyc_document_id = $1", id)
	if err := add("demo-officer"); models.CodeOf(err) != models.InvalidState {
		t.Errorf("one that nobody added: %v", err)
	}
}
