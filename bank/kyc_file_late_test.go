package bank_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"bankgraph/bank"
	"bankgraph/files"
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

// TestAStoreThatWritesWhatItDidNotAnswer loses the answer of an S3 server, which then writes what it has got.
func TestAStoreThatWritesWhatItDidNotAnswer(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	server := filestest.StartS3(t)
	deaf, write := server.Deaf()
	a.Bank = a.WithFiles(bank.Files{Store: deaf, Signer: files.NewSigner([][]byte{[]byte(strings.Repeat("k", 32))})})
	up := a.create(t)
	if _, err := a.send(t, up, bytes.NewReader(filestest.PNG(0))); models.CodeOf(err) != models.Unavailable {
		t.Fatalf("%v", err)
	}
	if objects := server.Objects(); len(objects) != 0 || a.count(t, "kyc_file_attempt") != 1 {
		t.Fatalf("there is no note of what may still come: %v", objects)
	}
	write()
	if objects := server.Objects(); len(objects) != 1 {
		t.Fatalf("%v", objects)
	}
	if err := a.SweepKycFiles(t.Context(), bank.SweepAge); err != nil || len(server.Objects()) != 1 {
		t.Errorf("it was swept while it could still be written: %v", err)
	}
	if err := a.SweepKycFiles(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if objects := server.Objects(); len(objects) != 0 || a.count(t, "kyc_file_attempt") != 0 || a.count(t, "kyc_file WHERE state = 'COMPLETE'") != 0 {
		t.Errorf("an object without a record is left: %v", objects)
	}
}

// TestAnObjectThatCannotBeSweptHoldsUpNoOther has a note of an object whose key no store takes.
func TestAnObjectThatCannotBeSweptHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	key, err := files.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	for _, noted := range []string{"no key", key} {
		if err := a.house.store.BeginKycFileAttempt(t.Context(), firstBank, noted); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.store.Put(t.Context(), key, bytes.NewReader(filestest.PNG(0))); err != nil {
		t.Fatal(err)
	}
	if err := a.SweepKycFiles(t.Context(), 0); err == nil || errors.Is(err, files.ErrUnavailable) {
		t.Errorf("nobody is told: %v", err)
	}
	if left := filestest.Kept(t, a.dir); len(left) != 0 || a.count(t, "kyc_file_attempt WHERE object_key = 'no key'") != 1 {
		t.Error(left)
	}
}
