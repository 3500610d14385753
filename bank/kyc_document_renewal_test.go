package bank_test

import (
	"bytes"
	"testing"

	"github.com/google/uuid"

	"bankgraph/bank"
	"bankgraph/files/filestest"
	"bankgraph/models"
)

func TestOnlyWhoMayChangeDocumentsReplacesWhatWasReviewed(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	scan := a.scan(t)
	added, err := a.passport(t, front(scan))
	if err != nil {
		t.Fatal(err)
	}
	filer := a.as(t, "demo-stranger")
	give := func(role string) {
		t.Helper()
		a.write(t, "demo-stranger", role, firstBank)
		filer = a.as(t, "demo-stranger")
	}
	replace := func() (bank.Upload, error) {
		return a.ReplaceKycFile(filer, models.ReplaceKycFileInput{BankID: firstBank, CustomerID: a.customer, ID: scan})
	}
	give("CanAddKycFile")
	first, err := replace()
	if err != nil {
		t.Fatalf("nobody reviewed it yet: %v", err)
	}
	early, err := replace()
	if err != nil {
		t.Fatal(err)
	}
	if err := a.upload(t, first, filestest.PNG(1000)); err != nil {
		t.Fatalf("nobody reviewed it yet: %v", err)
	}
	current := a.document(t, added.Row)
	if *current.FrontSideUUID == *added.Row.FrontSideUUID {
		t.Fatal("the new version is not shown")
	}
	if _, err := a.ReviewKycDocument(a.as(t, "demo-admin"), verdict(current, current.Version)); err != nil {
		t.Fatal(err)
	}
	stays := func(what string) {
		t.Helper()
		if after := a.document(t, current); after.ReviewStatus != models.KycReviewStatusValid || *after.FrontSideUUID != *current.FrontSideUUID {
			t.Errorf("%s takes the review back: %+v", what, after)
		}
	}
	_, err = replace()
	wantRefusal(t, err, models.Forbidden, "OBP-20006")
	wantRefusal(t, a.upload(t, early, filestest.PNG(5000)), models.Forbidden, "OBP-20006")
	stays("a link of before the review")
	if err := a.upload(t, early, filestest.PNG(1000)); err != nil {
		t.Errorf("the same content: %v", err)
	}
	stays("the same content")
	give("CanUpdateKycDocument")
	for _, content := range [][]byte{filestest.PNG(1000), filestest.PNG(5000)} {
		up, err := replace()
		if err != nil {
			t.Fatal(err)
		}
		stays("a link")
		if err := a.upload(t, up, content); err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(content, filestest.PNG(1000)) {
			stays("the same content")
		}
	}
	if after := a.document(t, current); after.ReviewStatus != models.KycReviewStatusNew {
		t.Errorf("%+v", after)
	}
}

func (a archive) upload(t *testing.T, up bank.Upload, content []byte) error {
	t.Helper()
	_, err := a.send(t, up, bytes.NewReader(content))
	return err
}

func TestOnlyTheDocumentsAreReadThatShowAFile(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	showing, err := a.passport(t, front(a.scan(t)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.passport(t, front(a.scan(t))); err != nil {
		t.Fatal(err)
	}
	if _, err := a.passport(t, nil); err != nil {
		t.Fatal(err)
	}
	for what, try := range map[string]struct {
		bankID   string
		versions []uuid.UUID
		want     int
	}{
		"a version and another": {firstBank, []uuid.UUID{a.customer.UUID, *showing.Row.FrontSideUUID}, 1}, "another": {firstBank, []uuid.UUID{a.customer.UUID}, 0},
		"none": {firstBank, nil, 0}, "one at another bank": {secondBank, []uuid.UUID{*showing.Row.FrontSideUUID}, 0},
	} {
		found, err := a.house.store.KycDocumentsShowing(t.Context(), try.bankID, a.customer.UUID, try.versions)
		if err != nil || len(found) != try.want || try.want == 1 && found[0].KycDocumentID != showing.Row.KycDocumentID {
			t.Errorf("%s: %d documents %v", what, len(found), err)
		}
	}
}
