package bank_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/files"
	"bankgraph/files/filestest"
	"bankgraph/models"
)

// archive is a house with a store of files.
type archive struct {
	house

	dir      string
	store    files.Store
	customer models.ID
}

func newArchive(t *testing.T) archive {
	t.Helper()
	h, dir := newHouse(t), t.TempDir()
	store, err := files.OpenLocal(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	h.Bank = h.WithFiles(bank.Files{Store: store, Signer: files.NewSigner([][]byte{[]byte(strings.Repeat("k", 32))})})
	customer, err := h.store.CustomerByNumber(t.Context(), firstBank, "5987953")
	if err != nil {
		t.Fatal(err)
	}
	return archive{h, dir, store, customer.ID()}
}

func (a archive) input() models.CreateKycFileInput {
	return models.CreateKycFileInput{BankID: firstBank, CustomerID: a.customer}
}

func (a archive) create(t *testing.T, change ...func(*models.CreateKycFileInput)) bank.Upload {
	t.Helper()
	in := a.input()
	for _, c := range change {
		c(&in)
	}
	done, err := a.CreateKycFile(a.as(t, "demo-officer"), in)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// claim is what a link permits.
func (a archive) claim(t *testing.T, method, link string) files.Claim {
	t.Helper()
	address, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(address.Path, "/")
	claim, err := a.ReadKycClaim(method, parts[2], parts[3], parts[4], address.Query())
	if err != nil {
		t.Fatal(err)
	}
	return claim
}

func (a archive) send(t *testing.T, up bank.Upload, content io.Reader) (*models.KycFileVersion, error) {
	t.Helper()
	awaited, err := a.AwaitedKycFile(t.Context(), a.claim(t, "PUT", up.Link.URL))
	if err != nil {
		return nil, err
	}
	return a.ReceiveKycFile(t.Context(), awaited, content, nil)
}

func (a archive) count(t *testing.T, query string) (count int) {
	t.Helper()
	if err := a.house.store.Pool().QueryRow(t.Context(), "SELECT count(*) FROM "+query).Scan(&count); err != nil {
		t.Fatal(err)
	}
	return count
}

func TestAFileWithAnIdentifierOfTheClient(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	id := newUUID(t)
	named := func(in *models.CreateKycFileInput) { in.KycFileID, in.Name = &id, to("Passport") }
	first := a.create(t, named)
	if first.File.KycFileID != id || first.Link == nil {
		t.Fatal(first)
	}
	t.Run("the same again hands out a link again, until it was uploaded", func(t *testing.T) {
		again := a.create(t, named)
		if again.File.KycFileID != id || again.Link == nil || a.count(t, "kyc_file_version WHERE kyc_file_id = '"+id.String()+"'") != 1 {
			t.Errorf("%+v", again)
		}
		if _, err := a.send(t, first, bytes.NewReader(filestest.PNG(0))); err != nil {
			t.Fatal(err)
		}
		if after := a.create(t, named); after.Link != nil || after.File.State != models.KycFileStateComplete {
			t.Errorf("%+v", after)
		}
	})
	t.Run("another content or customer is refused without a word of whose it is", func(t *testing.T) {
		other, err := a.CreateCustomer(a.as(t, "demo-officer"), models.CreateCustomerInput{BankID: firstBank, LegalName: "Somebody Else", MobilePhoneNumber: to("+447700900123")})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, change := range []func(*models.CreateKycFileInput){
			func(in *models.CreateKycFileInput) { in.Name = to("Another") }, func(in *models.CreateKycFileInput) { in.CustomerID = other.ID() },
		} {
			in := a.input()
			named(&in)
			change(&in)
			_, err := a.CreateKycFile(a.as(t, "demo-officer"), in)
			seen[wantRefusal(t, err, models.InvalidState, "").Message] = true
		}
		if len(seen) != 1 {
			t.Error(seen)
		}
	})
	t.Run("another bank may use the same", func(t *testing.T) {
		var there struct{ ID uuid.UUID }
		if err := a.house.store.Pool().QueryRow(t.Context(), "SELECT customer_id FROM customer WHERE bank_id = $1 LIMIT 1", secondBank).Scan(&there.ID); err != nil {
			t.Fatal(err)
		}
		done, err := a.CreateKycFile(a.as(t, "demo-admin"), models.CreateKycFileInput{BankID: secondBank, CustomerID: models.ID{Kind: models.KindCustomer, UUID: there.ID}, KycFileID: &id})
		if err != nil || done.Link == nil || done.File.State != models.KycFileStateAwaitingUpload {
			t.Errorf("%+v %v", done, err)
		}
	})
}

func TestAnIdentifierOfAFileThatWasDeletedIsNotGivenBack(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	for _, uploaded := range []bool{true, false} {
		id := newUUID(t)
		named := func(in *models.CreateKycFileInput) { in.KycFileID = &id }
		made := a.create(t, named)
		if uploaded {
			if _, err := a.send(t, made, bytes.NewReader(filestest.PNG(0))); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := a.DeleteKycFile(a.as(t, "demo-admin"), models.DeleteKycFileInput{BankID: firstBank, CustomerID: a.customer, ID: made.File.ID()}); err != nil {
			t.Fatal(err)
		}
		in := a.input()
		named(&in)
		_, err := a.CreateKycFile(a.as(t, "demo-officer"), in)
		if refusal := wantRefusal(t, err, models.InvalidState, ""); refusal.Message != models.Taken().Message {
			t.Error(refusal)
		}
	}
}

func TestTheNameOfAFileIsOneLine(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	for _, name := range []string{"", " ", "two\nlines", "turned\u202eround", strings.Repeat("a", 256)} {
		in := a.input()
		in.Name = &name
		_, err := a.CreateKycFile(a.as(t, "demo-officer"), in)
		wantRefusal(t, err, models.BadInput, "OBP-10001", "input", "name")
	}
	path := "../../etc/passwd" // a name like any other: it never becomes a path
	if done := a.create(t, func(in *models.CreateKycFileInput) { in.Name = &path }); *done.File.Name != path {
		t.Error(done)
	}
}

func (a archive) exec(t *testing.T, query string, arguments ...any) {
	t.Helper()
	if _, err := a.house.store.Pool().Exec(t.Context(), query, arguments...); err != nil {
		t.Fatal(err)
	}
}

// A file that is there whole, and versions of one, as SQL could write them.
const (
	insertFiles = `INSERT INTO kyc_file (kyc_file_id, bank_id, customer_id, state, handed_out, newest_version, media_type, size, sha256, uploaded_at)
		SELECT gen_random_uuid(), $1, $2, 'COMPLETE', 1, 1, 'image/png', 1, repeat('0', 64), now() FROM generate_series(1, $3::int)`
	insertVersions = `INSERT INTO kyc_file_version (kyc_file_version_id, bank_id, customer_id, kyc_file_id, version, state, given_to, given_through, upload_until, media_type, size, sha256, object_key, uploaded_at)
		SELECT gen_random_uuid(), $1, $2, $3, 1000 + n, 'COMPLETE', gen_random_uuid(), '', now(), 'image/png', 1, repeat('0', 64), gen_random_uuid()::text, now() FROM generate_series(1, $4::int) AS n`
)

func (a archive) replaceInput(of models.ID) models.ReplaceKycFileInput {
	return models.ReplaceKycFileInput{BankID: firstBank, CustomerID: a.customer, ID: of}
}

func TestUploadsAreBoundedForEachUser(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	id := newUUID(t)
	named := func(in *models.CreateKycFileInput) { in.KycFileID = &id }
	for range 19 {
		a.create(t)
	}
	a.create(t, named)
	_, err := a.CreateKycFile(a.as(t, "demo-officer"), a.input())
	wantRefusal(t, err, models.Policy, "")
	a.create(t, named) // the same again is no other upload
	if _, err := a.CreateKycFile(a.as(t, "demo-admin"), a.input()); err != nil {
		t.Errorf("the uploads of one user stop another: %v", err)
	}
	a.exec(t, "UPDATE kyc_file_version SET upload_until = now()")
	done := a.create(t)
	if _, err := a.send(t, done, bytes.NewReader(filestest.PNG(0))); err != nil {
		t.Fatal(err)
	}
	for range 20 { // of one file, too
		if _, err := a.ReplaceKycFile(a.as(t, "demo-officer"), a.replaceInput(done.File.ID())); err != nil {
			t.Fatal(err)
		}
	}
	_, err = a.ReplaceKycFile(a.as(t, "demo-officer"), a.replaceInput(done.File.ID()))
	wantRefusal(t, err, models.Policy, "")
}

func TestOnlyWhatWasUploadedCountsAmongFilesAndVersions(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	done := a.create(t)
	if _, err := a.send(t, done, bytes.NewReader(filestest.PNG(0))); err != nil {
		t.Fatal(err)
	}
	replace := func() (bank.Upload, error) {
		return a.ReplaceKycFile(a.as(t, "demo-officer"), a.replaceInput(done.File.ID()))
	}
	for range 60 { // links that nobody used
		if _, err := replace(); err != nil {
			t.Fatal(err)
		}
		a.exec(t, "UPDATE kyc_file_version SET upload_until = now() WHERE state = 'AWAITING_UPLOAD'")
	}
	a.exec(t, "INSERT INTO kyc_file (kyc_file_id, bank_id, customer_id, state, handed_out) SELECT gen_random_uuid(), $1, $2, 'AWAITING_UPLOAD', 1 FROM generate_series(1, 200)", firstBank, a.customer.UUID)
	a.create(t)
	a.exec(t, insertVersions, firstBank, a.customer.UUID, done.File.KycFileID, 48)
	last, err := replace() // the fiftieth
	if err != nil {
		t.Fatal(err)
	}
	over, err := replace()
	if err != nil {
		t.Fatal(err)
	}
	if version, err := a.send(t, last, bytes.NewReader(filestest.PNG(0))); err != nil || version.Version != 62 {
		t.Errorf("%+v %v", version, err)
	}
	_, err = a.send(t, over, bytes.NewReader(filestest.PNG(0)))
	wantRefusal(t, err, models.Policy, "")
	_, err = replace()
	wantRefusal(t, err, models.Policy, "")
	early := a.create(t)
	a.exec(t, insertFiles, firstBank, a.customer.UUID, 199)
	_, err = a.CreateKycFile(a.as(t, "demo-officer"), a.input())
	wantRefusal(t, err, models.Policy, "")
	_, err = a.send(t, early, bytes.NewReader(filestest.PNG(0)))
	wantRefusal(t, err, models.Policy, "")
	if left := filestest.Kept(t, a.dir); len(left) != 2 {
		t.Errorf("what was refused is left: %v", left)
	}
	a.exec(t, "UPDATE kyc_file SET deleted_at = now() WHERE kyc_file_id <> $1 AND state = 'COMPLETE'", early.File.KycFileID)
	if _, err := a.send(t, early, bytes.NewReader(filestest.PNG(0))); err != nil {
		t.Errorf("deleted files count: %v", err)
	}
}

func TestAFileOfAnotherCustomerIsNotReplaced(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	done := a.create(t)
	other, err := a.CreateCustomer(a.as(t, "demo-officer"), models.CreateCustomerInput{BankID: firstBank, LegalName: "Somebody Else", MobilePhoneNumber: to("+447700900123")})
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range []models.ReplaceKycFileInput{
		{BankID: firstBank, CustomerID: other.ID(), ID: done.File.ID()},
		{BankID: firstBank, CustomerID: a.customer, ID: models.ID{Kind: models.KindKycFile, UUID: newUUID(t)}},
	} {
		_, err := a.ReplaceKycFile(a.as(t, "demo-officer"), in)
		wantRefusal(t, err, models.NotFound, "")
	}
	_, err = a.ReplaceKycFile(a.as(t, "demo-officer"), models.ReplaceKycFileInput{BankID: firstBank, CustomerID: a.customer, ID: a.customer})
	wantRefusal(t, err, models.BadInput, "OBP-10001", "input", "id")
}

func TestOtherRowsPointOnlyToFilesThatAreThere(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	done := a.create(t)
	must := func(customer uuid.UUID, id models.ID) error {
		return a.house.store.InTx(t.Context(), func(tx *db.Store) error {
			_, err := bank.MustHaveKycFile(t.Context(), tx, firstBank, customer, id, "input", "frontSide")
			return err
		})
	}
	wantRefusal(t, must(a.customer.UUID, done.File.ID()), models.BadInput, "OBP-10001", "input", "frontSide")
	if _, err := a.send(t, done, bytes.NewReader(filestest.PNG(0))); err != nil {
		t.Fatal(err)
	}
	if err := must(a.customer.UUID, done.File.ID()); err != nil {
		t.Error(err)
	}
	wantRefusal(t, must(newUUID(t), done.File.ID()), models.NotFound, "")
	wantRefusal(t, must(a.customer.UUID, models.ID{Kind: models.KindKycFile, UUID: newUUID(t)}), models.NotFound, "")
	wantRefusal(t, must(a.customer.UUID, a.customer), models.BadInput, "OBP-10001", "input", "frontSide")
}

func (a archive) download(t *testing.T, up bank.Upload) files.Claim {
	t.Helper()
	content := models.KycFileContent{BankID: firstBank, CustomerID: a.customer.UUID, KycFileID: up.File.KycFileID, Version: 1}
	links, err := a.KycFileDownloads(a.as(t, "demo-officer"), []models.KycFileContent{content})
	if err != nil {
		t.Fatal(err)
	}
	return a.claim(t, "GET", links[0].URL)
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// endOf gives the end of a reader as io.EOF itself.
type endOf struct{ io.Reader }

func (e endOf) Read(p []byte) (int, error) {
	n, err := e.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = io.EOF
	}
	return n, err
}

func TestManyDownloadsAreOneStatement(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	contents := make([]models.KycFileContent, 100)
	for i := range contents {
		contents[i] = models.KycFileContent{BankID: firstBank, CustomerID: a.customer.UUID, KycFileID: newUUID(t), Version: i + 1}
	}
	links, err := a.KycFileDownloads(a.as(t, "demo-officer"), contents)
	if err != nil || len(links) != 100 || a.count(t, "audit_entry WHERE action = 'readKycFile'") != 100 {
		t.Fatal(len(links), err)
	}
	for i, link := range links {
		if claim := a.claim(t, "GET", link.URL); claim.Version != i+1 || time.Until(claim.Until) > time.Minute {
			t.Error(fmt.Sprint(claim))
		}
	}
	contents[50].BankID = secondBank // one that the caller may not read
	if _, err := a.KycFileDownloads(a.as(t, "demo-officer"), contents); models.CodeOf(err) != models.Forbidden || a.count(t, "audit_entry WHERE action = 'readKycFile'") != 100 {
		t.Error(err)
	}
}
