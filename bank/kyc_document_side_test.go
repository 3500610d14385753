package bank_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

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

// replace uploads a new version of a file.
func (a archive) replace(t *testing.T, scan models.ID) *models.KycFileVersion {
	t.Helper()
	replaced, err := a.ReplaceKycFile(a.as(t, "demo-admin"), models.ReplaceKycFileInput{BankID: firstBank, CustomerID: a.customer, ID: scan})
	if err != nil {
		t.Fatal(err)
	}
	version, err := a.send(t, replaced, bytes.NewReader(filestest.PNG(1000)))
	if err != nil {
		t.Fatal(err)
	}
	return version
}

// shown is the file of which a side shows a version.
func (a archive) shown(t *testing.T, side *uuid.UUID) models.ID {
	t.Helper()
	id := models.ID{Kind: models.KindKycFile}
	if err := a.house.store.Pool().QueryRow(t.Context(), "SELECT kyc_file_id FROM kyc_file_version WHERE kyc_file_version_id = $1", side).Scan(&id.UUID); err != nil {
		t.Fatal(err)
	}
	return id
}

// document is a document as it is now, also when it is deleted.
func (a archive) document(t *testing.T, of *models.KycDocument) *models.KycDocument {
	t.Helper()
	found, err := a.house.store.KycDocumentOfBank(t.Context(), firstBank, of.KycDocumentID)
	if err != nil || found == nil {
		t.Fatal(err)
	}
	return found
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
	if err != nil || a.shown(t, added.Row.FrontSideUUID) != scan || added.Row.BackSideUUID != nil {
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
		if row := change(&models.KycDocumentSidesInput{BackSide: graphql.OmittableOf(&back)}); row.FrontSideUUID == nil || a.shown(t, row.BackSideUUID) != back {
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
	before := a.document(t, added.Row)
	if before.ReviewStatus != models.KycReviewStatusValid {
		t.Errorf("a link alone takes the review back: %s", before.ReviewStatus)
	}
	version, err := a.send(t, replaced, bytes.NewReader(filestest.PNG(1000)))
	if err != nil {
		t.Fatal(err)
	}
	after := a.document(t, added.Row)
	if *after.FrontSideUUID != version.KycFileVersionID || *before.FrontSideUUID == version.KycFileVersionID {
		t.Errorf("it shows version %s", after.FrontSideUUID)
	}
	if after.ReviewStatus != models.KycReviewStatusNew || after.ReviewerUUID != nil || after.Version != 3 {
		t.Errorf("%+v", after)
	}
	if other := a.document(t, unrelated.Row); other.ReviewStatus != models.KycReviewStatusValid {
		t.Errorf("%+v", other)
	}
	if err := review("demo-admin", after); models.CodeOf(err) != models.Policy {
		t.Errorf("who uploaded the new version reviews it: %v", err)
	}
	if entries := a.count(t, "audit_entry WHERE action = 'uploadKycFile' AND object_id = '"+after.ID().String()+"' AND old_values ->> 'reviewStatus' = 'VALID'"); entries != 1 {
		t.Errorf("%d entries tell that the review was taken back", entries)
	}
}

func TestWhatIsHistoryShowsWhatItShowedThen(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	scan := a.scan(t)
	add := func(number string) *models.KycDocument {
		in := models.AddKycDocumentInput{BankID: firstBank, CustomerID: a.customer, Provider: models.KycDocumentProviderManual, Sides: front(scan), Data: card(number)}
		added, err := a.AddKycDocument(a.as(t, "demo-officer"), in)
		if err != nil {
			t.Fatal(err)
		}
		return added.Row
	}
	first := add(visa)
	if _, err := a.ReviewKycDocument(a.as(t, "demo-admin"), verdict(first, 1)); err != nil {
		t.Fatal(err)
	}
	a.check(t, a.customer)
	second := add(mastercard)
	version := a.replace(t, scan)
	if old := a.document(t, first); *old.FrontSideUUID != *first.FrontSideUUID || old.ReviewStatus != models.KycReviewStatusValid || old.SupersededAt == nil {
		t.Errorf("a document that was superseded shows a scan that came afterwards: %+v", old)
	}
	if live := a.document(t, second); *live.FrontSideUUID != version.KycFileVersionID {
		t.Errorf("%+v", live)
	}
}

// TestAReviewIsOfTheScanThatWasLookedAt lets a review and a new version of a scan meet: no review is of a scan that was not shown.
func TestAReviewIsOfTheScanThatWasLookedAt(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	for range 5 {
		scan := a.scan(t)
		added, err := a.passport(t, front(scan))
		if err != nil {
			t.Fatal(err)
		}
		atOnce(t, models.VersionConflict, 2, func(i int) error {
			if i == 0 {
				a.replace(t, scan)
				return nil
			}
			_, err := a.ReviewKycDocument(a.as(t, "demo-admin"), verdict(added.Row, 1))
			return err
		})
		if after := a.document(t, added.Row); after.ReviewStatus != models.KycReviewStatusNew || *after.FrontSideUUID == *added.Row.FrontSideUUID {
			t.Errorf("%+v", after)
		}
	}
}

func TestTheScansOfADeletedDocumentAreGoneUnlessAnotherShowsThem(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	officer, admin := a.as(t, "demo-officer"), a.as(t, "demo-admin")
	own, shared := a.create(t), a.create(t)
	for _, up := range []bank.Upload{own, shared} {
		if _, err := a.send(t, up, bytes.NewReader(filestest.PNG(0))); err != nil {
			t.Fatal(err)
		}
	}
	ownID, sharedID := own.File.ID(), shared.File.ID()
	first, err := a.passport(t, &models.KycDocumentSidesInput{FrontSide: graphql.OmittableOf(&ownID), BackSide: graphql.OmittableOf(&sharedID)})
	if err != nil {
		t.Fatal(err)
	}
	second, err := a.passport(t, front(sharedID))
	if err != nil {
		t.Fatal(err)
	}
	replacement, err := a.ReplaceKycFile(officer, models.ReplaceKycFileInput{BankID: firstBank, CustomerID: a.customer, ID: ownID})
	if err != nil {
		t.Fatal(err)
	}
	link := a.download(t, own)
	if _, err := a.DeleteKycDocument(admin, removal(first.Row)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.OpenKycFile(t.Context(), link); models.CodeOf(err) != models.NotFound {
		t.Errorf("a link from before still leads to it: %v", err)
	}
	if _, err := a.send(t, replacement, bytes.NewReader(filestest.PNG(0))); models.CodeOf(err) != models.NotFound {
		t.Errorf("a link to replace it: %v", err)
	}
	_, err = a.ReplaceKycFile(officer, models.ReplaceKycFileInput{BankID: firstBank, CustomerID: a.customer, ID: ownID})
	wantRefusal(t, err, models.NotFound, "")
	_, err = a.passport(t, front(ownID))
	wantRefusal(t, err, models.NotFound, "")
	if marked := a.count(t, "kyc_file WHERE deleted_at IS NOT NULL"); marked != 1 || len(filestest.Kept(t, a.dir)) != 2 {
		t.Errorf("%d files are marked, %d are kept", marked, len(filestest.Kept(t, a.dir)))
	}
	if entries := a.count(t, "audit_entry WHERE action = 'deleteKycDocument' AND object_id = '"+ownID.String()+"' AND new_values ? 'deletedAt'"); entries != 1 {
		t.Errorf("%d entries tell of the file", entries)
	}
	if _, object, err := a.OpenKycFile(t.Context(), a.download(t, shared)); err != nil {
		t.Errorf("another document shows it: %v", err)
	} else {
		object.Close()
	}
	remove := func(id models.ID) error {
		_, err := a.DeleteKycFile(admin, models.DeleteKycFileInput{BankID: firstBank, CustomerID: a.customer, ID: id})
		return err
	}
	if refusal := wantRefusal(t, remove(sharedID), models.InvalidState, ""); refusal.Status != "SHOWN" {
		t.Errorf("%+v", refusal)
	}
	if _, err := a.UpdateKycDocument(admin, models.UpdateKycDocumentInput{
		BankID: firstBank, CustomerID: a.customer, ID: second.Row.ID(), Version: anyVersion, Sides: &models.KycDocumentSidesInput{FrontSide: graphql.OmittableOf[*models.ID](nil)},
	}); err != nil {
		t.Fatal(err)
	}
	if done := atOnce(t, models.NotFound, 4, func(int) error { return remove(sharedID) }); done != 1 {
		t.Errorf("%d deleted it", done)
	}
	wantRefusal(t, remove(ownID), models.NotFound, "")
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
