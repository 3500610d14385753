package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"bankgraph/db/dbtest"
	"bankgraph/files"
	"bankgraph/files/filestest"
)

// fileCustomer is the example customer.
const fileCustomer = "cus_BZRdBejV1C7UxmSX8XpUX"

// upload is a file and the address to which its content goes.
type upload struct{ id, url string }

// newUpload makes a file of the example customer, as demo-officer.
func (d *door) newUpload(t testing.TB) upload {
	t.Helper()
	answer := d.ask("demo-officer", `mutation ($input: CreateKycFileInput!) { createKycFile(input: $input) { ... on CreateKycFileSuccess { kycFile { id } upload { url } } ... on Rejection { message } } }`,
		map[string]any{"input": map[string]any{"bankId": "gh.29.uk", "customerId": fileCustomer, "name": "canary of a name"}})
	return d.uploadIn(t, answer, "createKycFile")
}

// replace makes an upload of a new version.
func (d *door) replace(t testing.TB, id string) upload {
	t.Helper()
	answer := d.ask("demo-officer", `mutation ($input: ReplaceKycFileInput!) { replaceKycFile(input: $input) { ... on ReplaceKycFileSuccess { kycFile { id } upload { url } } ... on Rejection { message } } }`,
		map[string]any{"input": map[string]any{"bankId": "gh.29.uk", "customerId": fileCustomer, "id": id}})
	return d.uploadIn(t, answer, "replaceKycFile")
}

func (d *door) uploadIn(t testing.TB, answer reply, field string) upload {
	t.Helper()
	var done struct {
		KycFile struct{ ID string }
		Upload  struct{ URL string }
	}
	if err := json.Unmarshal(answer.Data[field], &done); err != nil || done.Upload.URL == "" {
		t.Fatalf("%v: %s", err, answer.raw)
	}
	return upload{done.KycFile.ID, d.url + done.Upload.URL}
}

// told is what an endpoint said.
type told struct {
	status int
	header http.Header
	body   string
}

func (d *door) put(t testing.TB, address string, content io.Reader, change ...func(*http.Request)) told {
	t.Helper()
	request, err := http.NewRequest(http.MethodPut, address, content)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range change {
		c(request)
	}
	return do(t, request)
}

func do(t testing.TB, request *http.Request) told {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Error(err)
		return told{}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Errorf("%d %v", response.StatusCode, err)
	}
	return told{response.StatusCode, response.Header, string(body)}
}

func get(t testing.TB, address string) told {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return do(t, request)
}

// file is what the graph tells of a file, to a user.
type file struct {
	State, MediaType, Sha256 string
	Version, Size            int
	Download                 *struct{ URL string }
	Versions                 []struct {
		Version  int
		State    string
		Download *struct{ URL string }
	}
}

func (d *door) file(t testing.TB, user, id string) file {
	t.Helper()
	answer := d.ask(user, `query ($id: ID!) { node(id: $id) { ... on KycFile { state version mediaType size sha256 download { url } versions { version state download { url } } } } }`, map[string]any{"id": id})
	var found file
	if err := json.Unmarshal(answer.Data["node"], &found); err != nil || len(answer.Errors) > 0 {
		t.Fatalf("%v: %s", err, answer.raw)
	}
	return found
}

func TestAFileGoesUpAndComesDown(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	for _, mediaType := range files.MediaTypes {
		content := filestest.Sample(mediaType)
		up := d.newUpload(t)
		if before := d.file(t, "demo-officer", up.id); before.State != "AWAITING_UPLOAD" || before.Download != nil {
			t.Errorf("%+v", before)
		}
		// What the client says of the type is of no account.
		sent := d.put(t, up.url, bytes.NewReader(content), func(r *http.Request) { r.Header.Set("Content-Type", "text/html") })
		sum := sha256.Sum256(content)
		if want := fmt.Sprintf(`{"id":%q,"version":1,"state":"COMPLETE","mediaType":%q,"size":%d,"sha256":%q}`, up.id, mediaType, len(content), hex.EncodeToString(sum[:])); sent.status != 200 || strings.TrimSpace(sent.body) != want {
			t.Fatalf("%d %s", sent.status, sent.body)
		}
		after := d.file(t, "demo-officer", up.id)
		if after.State != "COMPLETE" || after.Version != 1 || after.MediaType != mediaType || after.Size != len(content) || after.Sha256 != hex.EncodeToString(sum[:]) {
			t.Errorf("%+v", after)
		}
		down := get(t, d.url+after.Download.URL)
		if down.status != 200 || down.body != string(content) {
			t.Errorf("%s: %d, %d bytes", mediaType, down.status, len(down.body))
		}
		for name, want := range map[string]string{
			"Content-Type": mediaType, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
			"Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin", "Accept-Ranges": "bytes", "Content-Length": fmt.Sprint(len(content)),
			"Repr-Digest": "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":",
		} {
			if got := down.header.Get(name); got != want {
				t.Errorf("K02: %s: %q instead of %q", name, got, want)
			}
		}
		if name := down.header.Get("Content-Disposition"); !strings.HasPrefix(name, `attachment; filename="`+up.id+"-1.") {
			t.Errorf("K02: %s", name)
		}
	}
	t.Run("a part of it", func(t *testing.T) {
		t.Parallel()
		up := d.newUpload(t)
		content := filestest.PNG(100_000)
		d.put(t, up.url, bytes.NewReader(content))
		request, _ := http.NewRequest(http.MethodGet, d.url+d.file(t, "demo-officer", up.id).Download.URL, nil)
		request.Header.Set("Range", "bytes=50000-50099")
		if part := do(t, request); part.status != http.StatusPartialContent || part.body != string(content[50000:50100]) {
			t.Errorf("%d, %d bytes", part.status, len(part.body))
		}
		request.Header.Set("Range", "bytes=0-0,2-2,50000-50099") // each would be a request to the store
		if whole := do(t, request); whole.status != http.StatusOK || whole.body != string(content) {
			t.Errorf("many parts: %d, %d bytes", whole.status, len(whole.body))
		}
	})
}

func TestALinkIsGoodForOneUpload(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	up := d.newUpload(t)
	var statuses [8]int
	var all sync.WaitGroup
	for i := range statuses {
		all.Go(func() { statuses[i] = d.put(t, up.url, bytes.NewReader(filestest.PNG(100_000+i*1000))).status })
	}
	all.Wait()
	won := 0
	for i, status := range statuses {
		if status == 200 {
			won++
			down := get(t, d.url+d.file(t, "demo-officer", up.id).Download.URL)
			if down.body != string(filestest.PNG(100_000+i*1000)) {
				t.Error("another content than that of the winner is read")
			}
		} else if status != http.StatusConflict {
			t.Errorf("%d", status)
		}
	}
	if left := filestest.Kept(t, d.files); won != 1 || len(left) != 1 {
		t.Errorf("%v, and %v are kept", statuses, left)
	}
	if again := d.put(t, up.url, bytes.NewReader(filestest.PNG(0))); again.status != http.StatusConflict || !strings.Contains(again.body, "INVALID_STATE") {
		t.Errorf("%d %s", again.status, again.body)
	}
}

func TestAFileThatIsReplacedWhileItIsReadStaysWhatItWas(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	up := d.newUpload(t)
	first, second := filestest.PNG(8<<20), filestest.PNG(1000)
	d.put(t, up.url, bytes.NewReader(first))
	old := d.url + d.file(t, "demo-officer", up.id).Download.URL
	response, err := http.Get(old)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	begin := make([]byte, 1000)
	if _, err := io.ReadFull(response.Body, begin); err != nil {
		t.Fatal(err)
	}
	next := d.replace(t, up.id)
	if next.id != up.id {
		t.Fatal(next)
	}
	if between := d.file(t, "demo-officer", up.id); between.Version != 1 || len(between.Versions) != 2 {
		t.Errorf("%+v", between)
	}
	if sent := d.put(t, next.url, bytes.NewReader(second)); sent.status != 200 {
		t.Fatal(sent.body)
	}
	rest, err := io.ReadAll(response.Body)
	if err != nil || !bytes.Equal(append(begin, rest...), first) {
		t.Errorf("%d bytes, %v", len(rest), err)
	}
	now := d.file(t, "demo-officer", up.id)
	if now.Version != 2 || get(t, d.url+now.Download.URL).body != string(second) || get(t, old).body != string(first) || get(t, d.url+now.Versions[1].Download.URL).body != string(first) {
		t.Errorf("%+v", now)
	}
	t.Run("a version that comes late does not hide a newer one", func(t *testing.T) {
		t.Parallel()
		third, fourth := d.replace(t, up.id), d.replace(t, up.id)
		d.put(t, fourth.url, bytes.NewReader(first))
		if sent := d.put(t, third.url, bytes.NewReader(second)); sent.status != 200 {
			t.Error(sent.body)
		}
		if now := d.file(t, "demo-officer", up.id); now.Version != 4 || now.Size != len(first) {
			t.Errorf("%+v", now)
		}
	})
}

func waitFor(t testing.TB, what string, isSo func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !isSo(); <-time.After(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never: " + what)
		}
	}
}

func (d *door) count(t testing.TB, table string) (count int) {
	t.Helper()
	if err := d.store.Pool().QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&count); err != nil {
		t.Fatal(err)
	}
	return count
}

// audited is how many entries of the audit trail an action has.
func (d *door) audited(t testing.TB, action string) (count int) {
	t.Helper()
	if err := d.store.Pool().QueryRow(t.Context(), "SELECT count(*) FROM audit_entry WHERE action = $1", action).Scan(&count); err != nil {
		t.Fatal(err)
	}
	return count
}

func TestWhatIsDoneWithFilesIsAudited(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	up := d.newUpload(t)
	d.put(t, up.url, bytes.NewReader(filestest.PNG(0)))
	d.put(t, up.url, bytes.NewReader(filestest.PNG(0))) // refused
	d.replace(t, up.id)
	// However often one answer asks, it is one reading; and a list is written down like one file.
	answer := d.ask("demo-officer", `{ a: customerOverview(bankId: "gh.29.uk", customerNumber: "5987953") { kycFiles { nodes { id download { url } again: download { url } } } } }`, nil)
	if len(answer.Errors) > 0 {
		t.Fatal(string(answer.raw))
	}
	d.ask("demo-officer", `{ customerOverview(bankId: "gh.29.uk", customerNumber: "5987953") { kycFiles { nodes { id sha256 } } } }`, nil) // reads none
	for action, want := range map[string]int{"createKycFile": 1, "uploadKycFile": 1, "replaceKycFile": 1, "readKycFile": 1} {
		if got := d.audited(t, action); got != want {
			t.Errorf("%s: %d entries", action, got)
		}
	}
	trail := d.ask("demo-admin", `{ auditTrail(bankId: "gh.29.uk", filter: { action: "uploadKycFile" }) { nodes { objectId customerId username changes { field old new } } } }`, nil)
	if text := string(trail.raw); !strings.Contains(text, up.id) || !strings.Contains(text, fileCustomer) || !strings.Contains(text, `"demo-officer"`) || !strings.Contains(text, "image/png") || strings.Contains(text, "objectKey") {
		t.Error(text)
	}
}

func TestFilesThatWereDeletedAreReachedByNobody(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	ofDocument, alone := d.newUpload(t), d.newUpload(t)
	for _, up := range []upload{ofDocument, alone} {
		d.put(t, up.url, bytes.NewReader(filestest.PNG(0)))
	}
	input := func(more map[string]any) map[string]any {
		more["bankId"], more["customerId"] = "gh.29.uk", fileCustomer
		return map[string]any{"input": more}
	}
	added := d.ask("demo-admin", `mutation ($input: AddKycDocumentInput!) { addKycDocument(input: $input) { ... on AddKycDocumentSuccess { kycDocument { id frontSide { kycFileVersionId file { id } download { url } } } } } }`,
		input(map[string]any{"data": map[string]any{"selfie": map[string]any{}}, "sides": map[string]any{"frontSide": ofDocument.id}}))
	side := added.find(t, "addKycDocument", "kycDocument", "frontSide").(map[string]any)
	links := []string{d.url + side["download"].(map[string]any)["url"].(string), d.url + d.file(t, "demo-officer", alone.id).Download.URL}
	replacement := d.replace(t, alone.id).url
	if side["file"].(map[string]any)["id"] != ofDocument.id || get(t, links[0]).status != http.StatusOK {
		t.Fatalf("%s", added.raw)
	}
	removals := `mutation ($file: DeleteKycFileInput!, $document: DeleteKycDocumentInput!, $shown: DeleteKycFileInput!) {
		shown: deleteKycFile(input: $shown) { __typename } document: deleteKycDocument(input: $document) { __typename } file: deleteKycFile(input: $file) { __typename } }`
	answer := d.ask("demo-admin", removals, map[string]any{
		"file": input(map[string]any{"id": alone.id})["input"], "shown": input(map[string]any{"id": ofDocument.id})["input"],
		"document": input(map[string]any{"id": added.find(t, "addKycDocument", "kycDocument", "id")})["input"],
	})
	if answer.find(t, "shown", "__typename") != "InvalidStateRejection" || answer.find(t, "document", "__typename") != "DeleteKycDocumentSuccess" || answer.find(t, "file", "__typename") != "DeleteKycFileSuccess" {
		t.Fatalf("%s", answer.raw)
	}
	for what, got := range map[string]told{
		"a scan of the document": get(t, links[0]), "a file": get(t, links[1]), "a new version of it": d.put(t, replacement, bytes.NewReader(filestest.PNG(0))),
	} {
		if got.status != http.StatusNotFound {
			t.Errorf("%s: %d %.100s", what, got.status, got.body)
		}
	}
	left := d.ask("demo-admin", `query ($a: ID!, $b: ID!) { node(id: $a) { id } nodes(ids: [$a, $b]) { id } customer(id: "`+fileCustomer+`") { kycFiles(first: 50) { nodes { id versions { version } } } } }`, map[string]any{"a": ofDocument.id, "b": alone.id})
	if len(left.Errors) > 0 || bytes.Contains(left.raw, []byte(ofDocument.id)) || bytes.Contains(left.raw, []byte(alone.id)) {
		t.Errorf("%s", left.raw)
	}
	if kept := filestest.Kept(t, d.files); len(kept) != 2 {
		t.Errorf("%d contents are kept", len(kept))
	}
}
