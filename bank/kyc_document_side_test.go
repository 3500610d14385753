package bank_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"bankgraph/bank"
	"bankgraph/files/filestest"
	"bankgraph/models"
)

// scan is a file that was uploaded.
func (a archive) scan(t *testing.T) models.ID {
	t.Helper()
	made := a.create(t)
	if _, err := a.send(t, made, bytes.NewReader(filestest.PNG(0))); err != nil {
		t.Fatal(err)
	}
	return made.File.ID()
}

func front(id models.ID) *models.KycDocumentSidesInput {
	return &models.KycDocumentSidesInput{FrontSide: graphql.OmittableOf(&id)}
}

// passport adds a document with files, as demo-officer.
func (a archive) passport(t *testing.T, sides *models.KycDocumentSidesInput) (bank.Written[models.KycDocument], error) {
	t.Helper()
	return a.AddKycDocument(a.as(t, "demo-officer"), models.AddKycDocumentInput{
		BankID: firstBank, CustomerID: a.customer, Provider: models.KycDocumentProviderManual, Sides: sides,
		Data: &models.KycDocumentDataInput{Identity: &models.KycIdentityInput{Type: models.KycIdentityTypePassport, Number: to("AB1234567")}},
	})
}

func TestASideShowsAFileThatIsThereAndOfTheCustomer(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	scan := a.scan(t)
	added, err := a.passport(t, front(scan))
	if err != nil || added.Row.FrontSideUUID == nil || *added.Row.FrontSideUUID != scan.UUID || added.Row.BackSideUUID != nil {
		t.Fatalf("%+v %v", added.Row, err)
	}
	sibling := a
	other, err := a.CreateCustomer(a.as(t, "demo-admin"), models.CreateCustomerInput{BankID: firstBank, LegalName: "Other Example"})
	if err != nil {
		t.Fatal(err)
	}
	sibling.customer = other.ID()
	for name, test := range map[string]struct {
		file models.ID
		code models.Code
	}{
		"of another customer of the bank": {sibling.scan(t), models.NotFound},
		"that does not exist":             {models.ID{Kind: models.KindKycFile, UUID: newUUID(t)}, models.NotFound},
		"that nobody uploaded yet":        {a.create(t).File.ID(), models.BadInput},
		"that is none":                    {a.customer, models.BadInput},
	} {
		t.Run("A02 not a file "+name, func(t *testing.T) {
			_, err := a.passport(t, front(test.file))
			if models.CodeOf(err) != test.code {
				t.Errorf("%v", err)
			}
			var refusal *models.Error
			if errors.As(err, &refusal) && test.code == models.BadInput && !slices.Equal(refusal.Fields[0].Path, []string{"input", "sides", "frontSide"}) {
				t.Errorf("%v", refusal.Fields[0].Path)
			}
			_, err = a.UpdateKycDocument(a.as(t, "demo-officer"), models.UpdateKycDocumentInput{
				BankID: firstBank, CustomerID: a.customer, ID: added.Row.ID(), Version: anyVersion, Sides: front(test.file),
			})
			if models.CodeOf(err) != test.code {
				t.Errorf("%v", err)
			}
		})
	}
	t.Run("null takes it away, and what is absent stays", func(t *testing.T) {
		change := func(sides *models.KycDocumentSidesInput) *models.KycDocument {
			changed, err := a.UpdateKycDocument(a.as(t, "demo-officer"), models.UpdateKycDocumentInput{
				BankID: firstBank, CustomerID: a.customer, ID: added.Row.ID(), Version: anyVersion, Sides: sides,
			})
			if err != nil {
				t.Fatal(err)
			}
			return changed.Row
		}
		back := a.scan(t)
		if row := change(&models.KycDocumentSidesInput{BackSide: graphql.OmittableOf(&back)}); row.FrontSideUUID == nil || *row.BackSideUUID != back.UUID {
			t.Errorf("%+v", row)
		}
		if row := change(&models.KycDocumentSidesInput{FrontSide: graphql.OmittableOf[*models.ID](nil)}); row.FrontSideUUID != nil || row.BackSideUUID == nil {
			t.Errorf("%+v", row)
		}
	})
}

func TestANewVersionOfAScanTakesTheReviewBack(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	scan := a.scan(t)
	added, err := a.passport(t, front(scan))
	if err != nil {
		t.Fatal(err)
	}
	unrelated, err := a.passport(t, front(a.scan(t)))
	if err != nil {
		t.Fatal(err)
	}
	review := func(user string, document *models.KycDocument) error {
		_, err := a.ReviewKycDocument(a.as(t, user), models.ReviewKycDocumentInput{
			BankID: firstBank, CustomerID: a.customer, ID: document.ID(), Version: document.Version, Verdict: &models.KycVerdictInput{Valid: &models.KycAcceptanceInput{}},
		})
		return err
	}
	for _, document := range []*models.KycDocument{added.Row, unrelated.Row} {
		if err := review("demo-admin", document); err != nil {
			t.Fatal(err)
		}
	}
	replaced, err := a.ReplaceKycFile(a.as(t, "demo-admin"), models.ReplaceKycFileInput{BankID: firstBank, CustomerID: a.customer, ID: scan})
	if err != nil {
		t.Fatal(err)
	}
	status := func(document *models.KycDocument) *models.KycDocument {
		found, err := a.house.store.KycDocumentOfBank(t.Context(), firstBank, document.KycDocumentID)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	if before := status(added.Row); before.ReviewStatus != models.KycReviewStatusValid {
		t.Errorf("a link alone takes the review back: %s", before.ReviewStatus)
	}
	if _, err := a.send(t, replaced, bytes.NewReader(filestest.PNG(1))); err != nil {
		t.Fatal(err)
	}
	after := status(added.Row)
	if after.ReviewStatus != models.KycReviewStatusNew || after.ReviewerUUID != nil || after.Version != 3 {
		t.Errorf("%+v", after)
	}
	if other := status(unrelated.Row); other.ReviewStatus != models.KycReviewStatusValid {
		t.Errorf("%+v", other)
	}
	if err := review("demo-admin", after); models.CodeOf(err) != models.Policy {
		t.Errorf("who uploaded the new version reviews it: %v", err)
	}
	if entries := a.count(t, "audit_entry WHERE action = 'uploadKycFile' AND object_id = '"+after.ID().String()+"' AND old_values ->> 'reviewStatus' = 'VALID'"); entries != 1 {
		t.Errorf("%d entries tell that the review was taken back", entries)
	}
}

func TestWhoUploadedAScanDoesNotReviewIt(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	made, err := a.CreateKycFile(a.as(t, "demo-admin"), a.input())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.send(t, made, bytes.NewReader(filestest.PNG(0))); err != nil {
		t.Fatal(err)
	}
	added, err := a.passport(t, front(made.File.ID()))
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.ReviewKycDocument(a.as(t, "demo-admin"), models.ReviewKycDocumentInput{
		BankID: firstBank, CustomerID: a.customer, ID: added.Row.ID(), Version: added.Row.Version, Verdict: &models.KycVerdictInput{Valid: &models.KycAcceptanceInput{}},
	})
	if models.CodeOf(err) != models.Policy {
		t.Errorf("who uploaded the scan reviews it, though somebody else entered the rest: %v", err)
	}
}

func TestALinkIsForWhomItWasGiven(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	id := newUUID(t)
	named := a.input()
	named.KycFileID = &id
	first, err := a.CreateKycFile(a.as(t, "demo-officer"), named)
	if err != nil {
		t.Fatal(err)
	}
	second, err := a.CreateKycFile(a.as(t, "demo-admin"), named)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.send(t, first, bytes.NewReader(filestest.PNG(0))); models.CodeOf(err) != models.NotFound {
		t.Errorf("a link that somebody else was given since: %v", err)
	}
	version, err := a.send(t, second, bytes.NewReader(filestest.PNG(0)))
	if err != nil {
		t.Fatal(err)
	}
	if by := a.count(t, "audit_entry WHERE action = 'uploadKycFile' AND username = 'demo-admin'"); by != 1 || version.Version != 1 {
		t.Errorf("%d uploads by demo-admin, version %d", by, version.Version)
	}
}

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
}

func TestAnotherProviderTakesTheReviewBack(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	added, err := a.passport(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	changed, err := a.UpdateKycDocument(a.as(t, "demo-admin"), models.UpdateKycDocumentInput{
		BankID: firstBank, CustomerID: a.customer, ID: added.Row.ID(), Version: anyVersion, Provider: graphql.OmittableOf(to(models.KycDocumentProviderUaDiia)),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.ReviewKycDocument(a.as(t, "demo-admin"), models.ReviewKycDocumentInput{
		BankID: firstBank, CustomerID: a.customer, ID: added.Row.ID(), Version: changed.Row.Version, Verdict: &models.KycVerdictInput{Valid: &models.KycAcceptanceInput{}},
	})
	if models.CodeOf(err) != models.Policy {
		t.Errorf("who said where it came from reviews it: %v", err)
	}
}
