package bank_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"bankgraph/bank"
	"bankgraph/files"
	"bankgraph/files/filestest"
	"bankgraph/models"
)

// TestACrashBetweenTheObjectAndItsRow leaves an object that no row has, and a note of it.
func TestACrashBetweenTheObjectAndItsRow(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	kept := a.create(t)
	if _, err := a.send(t, kept, bytes.NewReader(filestest.PNG(0))); err != nil {
		t.Fatal(err)
	}
	key, err := files.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	if err := a.house.store.BeginKycFileAttempt(t.Context(), firstBank, key); err != nil {
		t.Fatal(err)
	}
	if err := a.store.Put(t.Context(), key, bytes.NewReader(filestest.PNG(0))); err != nil {
		t.Fatal(err)
	}
	if err := a.SweepKycFiles(t.Context(), bank.SweepAge); err != nil {
		t.Fatal(err)
	}
	if left := filestest.Kept(t, a.dir); len(left) != 2 || a.count(t, "kyc_file_attempt") != 1 {
		t.Errorf("an upload that may still run was cleared away: %v", left)
	}
	var all sync.WaitGroup
	for range 4 { // as many servers do
		all.Go(func() {
			if err := a.SweepKycFiles(t.Context(), 0); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if left := filestest.Kept(t, a.dir); len(left) != 1 || a.count(t, "kyc_file_attempt") != 0 {
		t.Error(left)
	}
	if _, object, err := a.OpenKycFile(t.Context(), a.download(t, kept)); err != nil {
		t.Error(err)
	} else {
		object.Close()
	}
}

// TestAnUploadThatIsSweptInTheMiddleIsRefused has the sweep come between the object and its row.
func TestAnUploadThatIsSweptInTheMiddleIsRefused(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	up := a.create(t)
	content := io.MultiReader(bytes.NewReader(filestest.PNG(0)), readerFunc(func([]byte) (int, error) {
		return 0, errors.Join(a.SweepKycFiles(context.WithoutCancel(t.Context()), 0), io.EOF)
	}))
	_, err := a.send(t, up, endOf{content})
	if models.CodeOf(err) != models.Unavailable {
		t.Errorf("%v", err)
	}
	if left := filestest.Kept(t, a.dir); a.count(t, "kyc_file WHERE state = 'COMPLETE'") != 0 || len(left) != 0 {
		t.Errorf("a row points to nothing, or an object is left: %v", left)
	}
	if _, err := a.send(t, up, bytes.NewReader(filestest.PNG(0))); err != nil {
		t.Error(err)
	}
}

func TestLinksThatNobodyUsedAreForgotten(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	used, unused := a.create(t), a.create(t)
	if _, err := a.send(t, used, bytes.NewReader(filestest.PNG(0))); err != nil {
		t.Fatal(err)
	}
	if _, err := a.ReplaceKycFile(a.as(t, "demo-officer"), models.ReplaceKycFileInput{BankID: firstBank, CustomerID: a.customer, ID: used.File.ID()}); err != nil {
		t.Fatal(err)
	}
	before := a.count(t, "kyc_file")
	if err := a.SweepKycFiles(t.Context(), bank.SweepAge); err != nil || a.count(t, "kyc_file WHERE kyc_file_id = '"+unused.File.KycFileID.String()+"'") != 1 {
		t.Fatalf("%v; of %d files", err, before)
	}
	if _, err := a.house.store.Pool().Exec(t.Context(), "UPDATE kyc_file_version SET upload_until = now() - interval '2 days'"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.house.store.Pool().Exec(t.Context(), "UPDATE kyc_file SET created_at = now() - interval '2 days' WHERE kyc_file_id IN ($1, $2)", used.File.KycFileID, unused.File.KycFileID); err != nil {
		t.Fatal(err)
	}
	if err := a.SweepKycFiles(t.Context(), bank.SweepAge); err != nil {
		t.Fatal(err)
	}
	if a.count(t, "kyc_file WHERE kyc_file_id = '"+unused.File.KycFileID.String()+"'") != 0 || a.count(t, "kyc_file_version") != 1 {
		t.Error("it is remembered")
	}
	if _, err := a.send(t, unused, bytes.NewReader(filestest.PNG(0))); models.CodeOf(err) != models.NotFound {
		t.Errorf("%v", err)
	}
	if again, err := a.ReplaceKycFile(a.as(t, "demo-officer"), models.ReplaceKycFileInput{BankID: firstBank, CustomerID: a.customer, ID: used.File.ID()}); err != nil || again.File.HandedOut != 3 {
		t.Errorf("%+v %v", again.File, err)
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
