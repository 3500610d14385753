package bank_test

import (
	"bytes"
	"io"
	"testing"

	"bankgraph/bank"
	"bankgraph/files/filestest"
	"bankgraph/models"
)

// during sends a file, and does something when all of it but the end is there.
func (a archive) during(t *testing.T, up bank.Upload, do func()) error {
	t.Helper()
	content := io.MultiReader(bytes.NewReader(filestest.PNG(0)), readerFunc(func([]byte) (int, error) {
		do()
		return 0, io.EOF
	}))
	_, err := a.send(t, up, endOf{content})
	return err
}

func TestTheRightsAtADownloadCount(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	up := a.create(t)
	if _, err := a.send(t, up, bytes.NewReader(filestest.PNG(0))); err != nil {
		t.Fatal(err)
	}
	link := a.download(t, up)
	read := func() error {
		_, object, err := a.OpenKycFile(t.Context(), link)
		if err == nil {
			err = object.Close()
		}
		return err
	}
	if err := read(); err != nil {
		t.Fatal(err)
	}
	a.exec(t, "UPDATE consumer SET is_enabled = false")
	wantRefusal(t, read(), models.NotFound, "")
	a.exec(t, "UPDATE consumer SET is_enabled = true")
	if err := read(); err != nil {
		t.Errorf("the application is enabled again: %v", err)
	}
	a.exec(t, "DELETE FROM entitlement WHERE role = 'CanReadKycFile' AND user_id <> (SELECT user_id FROM app_user WHERE username = 'demo-officer')")
	if err := read(); err != nil {
		t.Errorf("the roles of others count: %v", err)
	}
	a.exec(t, "DELETE FROM entitlement WHERE role = 'CanReadKycFile'")
	wantRefusal(t, read(), models.NotFound, "")
}

func TestTheRightsAtTheEndOfAnUploadCount(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	id := newUUID(t)
	named := func(in *models.CreateKycFileInput) { in.KycFileID = &id }
	up := a.create(t, named)
	if err := a.during(t, up, func() {
		if _, err := a.CreateKycFile(a.as(t, "demo-admin"), models.CreateKycFileInput{BankID: firstBank, CustomerID: a.customer, KycFileID: &id}); err != nil {
			t.Error(err)
		}
	}); models.CodeOf(err) != models.InvalidState {
		t.Errorf("the link was given to somebody else meanwhile: %v", err)
	}
	up = a.create(t, named)
	if err := a.during(t, up, func() {
		a.exec(t, "UPDATE consumer SET is_enabled = false")
	}); models.CodeOf(err) != models.NotFound {
		t.Errorf("the application was disabled meanwhile: %v", err)
	}
	a.exec(t, "UPDATE consumer SET is_enabled = true")
	if err := a.during(t, up, func() {
		a.exec(t, "DELETE FROM entitlement WHERE role = 'CanAddKycFile'")
	}); models.CodeOf(err) != models.Forbidden {
		t.Errorf("the role was taken meanwhile: %v", err)
	}
	if left := filestest.Kept(t, a.dir); len(left) != 0 || a.count(t, "kyc_file WHERE state = 'COMPLETE'") != 0 || a.count(t, "kyc_file_attempt") != 0 {
		t.Errorf("it counts, or is left: %v", left)
	}
	if denied := a.count(t, "audit_entry WHERE action = 'uploadKycFile' AND outcome = 'DENIED'"); denied != 1 {
		t.Errorf("%d tries that were denied are in the audit trail", denied)
	}
}
