package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"bankgraph/db/dbtest"
	"bankgraph/files"
	"bankgraph/files/filestest"
	"bankgraph/graph"
)

// TestWhatIsNotTakenLeavesNothing is case K02 at the door.
func TestWhatIsNotTakenLeavesNothing(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	up := d.newUpload(t)
	sum := func(content []byte) string {
		s := sha256.Sum256(content)
		return base64.StdEncoding.EncodeToString(s[:])
	}
	png := filestest.Sample("image/png")
	for what, try := range map[string]struct {
		content io.Reader
		header  [2]string
		status  int
	}{
		"nothing":                  {bytes.NewReader(nil), [2]string{}, 415},
		"HTML":                     {strings.NewReader("<html>canary</html>"), [2]string{}, 415},
		"a program":                {strings.NewReader("MZ" + strings.Repeat("canary", 1000)), [2]string{}, 415},
		"a PNG with HTML":          {bytes.NewReader(append(bytes.Clone(png), "<html>"...)), [2]string{}, 415},
		"more than is allowed":     {bytes.NewReader(make([]byte, files.MaxSize+1)), [2]string{}, 413},
		"more, without a length":   {struct{ io.Reader }{bytes.NewReader(append(filestest.Sample("application/pdf"), make([]byte, files.MaxSize)...))}, [2]string{}, 413},
		"another hash":             {bytes.NewReader(png), [2]string{"Content-Digest", "sha-256=:" + sum([]byte("other")) + ":"}, 400},
		"another hash, as of old":  {bytes.NewReader(png), [2]string{"Digest", "SHA-256=" + sum([]byte("other"))}, 400},
		"a hash that is none":      {bytes.NewReader(png), [2]string{"Content-Digest", "sha-256=:canary:"}, 400},
		"a hash with half a quote": {bytes.NewReader(png), [2]string{"Content-Digest", "sha-256=:" + sum(png)}, 400},
	} {
		sent := d.put(t, up.url, try.content, func(r *http.Request) {
			if try.header[0] != "" {
				r.Header.Set(try.header[0], try.header[1])
			}
		})
		if sent.status != try.status || !strings.Contains(sent.body, `"code":"BAD_USER_INPUT"`) || strings.Contains(sent.body, "canary") {
			t.Errorf("K02: %s: %d %s", what, sent.status, sent.body)
		}
		if left := filestest.Kept(t, d.files); len(left) != 0 {
			t.Errorf("K02: %s left %v", what, left)
		}
	}
	if now := d.file(t, "demo-officer", up.id); now.State != "AWAITING_UPLOAD" || now.Download != nil {
		t.Errorf("%+v", now)
	}
	// The link is still good, and takes the image bomb as the bytes that it is.
	sent := d.put(t, up.url, bytes.NewReader(filestest.Bomb()), func(r *http.Request) {
		r.Header.Set("Content-Digest", "sha-512=:AAAA:, sha-256=:"+sum(filestest.Bomb())+":")
	})
	if sent.status != 200 {
		t.Errorf("K02: %d %s", sent.status, sent.body)
	}
}

func TestAllLinksThatDoNotHoldLookAlike(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	up, complete := d.newUpload(t), d.newUpload(t)
	d.put(t, complete.url, bytes.NewReader(filestest.PNG(0)))
	down := d.url + d.file(t, "demo-officer", complete.id).Download.URL
	var officer uuid.UUID
	if err := d.store.Pool().QueryRow(t.Context(), "SELECT user_id FROM app_user WHERE username = 'demo-officer'").Scan(&officer); err != nil {
		t.Fatal(err)
	}
	signed := func(method, bankID, id string, version int, until time.Duration) string {
		claim := files.Claim{Method: method, BankID: bankID, Version: version, User: officer, Through: "tests", Until: time.Now().Add(until).Truncate(time.Second)}
		if err := claim.File.UnmarshalText([]byte(id)); err != nil {
			t.Fatal(err)
		}
		return d.url + files.NewSigner([][]byte{[]byte(testKey)}).Link(claim)
	}
	unknown := "019f0000-0000-7000-8000-000000000001"
	answers := map[string]string{}
	for what, try := range map[string][2]string{
		"no signature": {"PUT", strings.Split(up.url, "&")[0]}, "another signature": {"PUT", up.url[:len(up.url)-4] + "AAAA"}, "an upload read": {"GET", up.url},
		"a download written": {"PUT", down}, "another bank": {"PUT", strings.Replace(up.url, "gh.29.uk", otherBank, 1)}, "an unknown file": {"PUT", signed("PUT", "gh.29.uk", unknown, 1, time.Minute)},
		"an unknown file to read": {"GET", signed("GET", "gh.29.uk", unknown, 1, time.Minute)}, "an unknown version": {"GET", signed("GET", "gh.29.uk", unknown, 7, time.Minute)},
		"over": {"GET", signed("GET", "gh.29.uk", unknown, 1, -time.Second)}, "no file at all": {"GET", d.url + "/files/a/b/c"}, "an unknown bank": {"GET", signed("GET", "nobody", unknown, 1, time.Minute)},
	} {
		request, err := http.NewRequest(try[0], try[1], nil)
		if err != nil {
			t.Fatal(err)
		}
		got := do(t, request)
		if got.status != http.StatusNotFound {
			t.Errorf("A01: %s: %d %s", what, got.status, got.body)
		}
		answers[chance.ReplaceAllString(got.body, "")] = what
	}
	if len(answers) != 1 {
		t.Errorf("A01: %v", answers)
	}
}

// TestManyLargeFilesAtOnceTakeLittleMemory sends eight files of 20 MiB at once, and watches the heap.
func TestManyLargeFilesAtOnceTakeLittleMemory(t *testing.T) {
	d := openDoor(t, dbtest.Seeded(t))
	content := filestest.PNG(files.MaxSize)
	var ups [8]upload
	for i := range ups {
		ups[i] = d.newUpload(t)
	}
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	var peak atomic.Uint64
	ctx, stop := context.WithCancel(t.Context())
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for ctx.Err() == nil {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			peak.Store(max(peak.Load(), now.HeapAlloc))
			<-time.After(5 * time.Millisecond)
		}
	}()
	var all sync.WaitGroup
	for _, up := range ups {
		all.Go(func() {
			if sent := d.put(t, up.url, bytes.NewReader(content)); sent.status != 200 {
				t.Errorf("%d %s", sent.status, sent.body)
				return
			}
			response, err := http.Get(d.url + d.file(t, "demo-officer", up.id).Download.URL)
			if err != nil {
				t.Error(err)
				return
			}
			defer response.Body.Close()
			if n, err := io.Copy(io.Discard, response.Body); n != int64(len(content)) || err != nil {
				t.Errorf("%d %v", n, err)
			}
		})
	}
	all.Wait()
	stop()
	<-watched
	if grown := int64(peak.Load()) - int64(before.HeapAlloc); grown > files.MaxSize {
		t.Errorf("the heap grew by %d MiB for 160 MiB of files", grown>>20)
	} else {
		t.Logf("the heap grew by %d KiB for 160 MiB of files", grown>>10)
	}
}

func TestFilesAreForThoseWithTheRoles(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	up, kept := d.newUpload(t), d.newUpload(t)
	d.put(t, kept.url, bytes.NewReader(filestest.PNG(0)))
	down := d.url + d.file(t, "demo-officer", kept.id).Download.URL
	if read := get(t, down); read.status != http.StatusOK {
		t.Fatal(read)
	}
	links := d.audited(t, "readKycFile")
	const create = `mutation ($input: CreateKycFileInput!) { createKycFile(input: $input) { __typename ... on Rejection { message } } }`
	at := func(bankID, customer string) map[string]any {
		return map[string]any{"input": map[string]any{"bankId": bankID, "customerId": customer}}
	}
	foreign := d.ask("demo-admin", `{ customers(bankId: "`+otherBank+`", first: 1) { nodes { id } } }`, nil)
	var page struct{ Nodes []struct{ ID string } }
	if err := json.Unmarshal(foreign.Data["customers"], &page); err != nil {
		t.Fatal(err)
	}
	for what, try := range map[string]struct {
		user, bankID, customer, want string
	}{
		"A01 an officer of another bank": {"demo-officer", otherBank, page.Nodes[0].ID, "ForbiddenRejection"},
		"A01 another bank's customer":    {"demo-officer", "gh.29.uk", page.Nodes[0].ID, "NotFoundRejection"},
		"the owner":                      {"demo-owner", "gh.29.uk", fileCustomer, "ForbiddenRejection"},
		"a stranger":                     {"demo-stranger", "gh.29.uk", fileCustomer, "ForbiddenRejection"},
	} {
		if got := d.ask(try.user, create, at(try.bankID, try.customer)).find(t, "createKycFile", "__typename"); got != try.want {
			t.Errorf("%s: %v", what, got)
		}
	}
	if codes := d.ask("", create, at("gh.29.uk", fileCustomer)).codes(); len(codes) != 1 || codes[0] != "UNAUTHENTICATED" {
		t.Error(codes)
	}
	t.Run("a role that is taken ends the links that its holder has", func(t *testing.T) {
		t.Parallel()
		if _, err := d.store.Pool().Exec(t.Context(), "DELETE FROM entitlement WHERE role = 'CanAddKycFile' AND user_id = (SELECT user_id FROM app_user WHERE username = 'demo-officer')"); err != nil {
			t.Fatal(err)
		}
		if sent := d.put(t, up.url, bytes.NewReader(filestest.PNG(0))); sent.status != http.StatusNotFound {
			t.Errorf("%d %s", sent.status, sent.body)
		}
	})
	t.Run("A05 also those by which it reads", func(t *testing.T) {
		t.Parallel()
		if _, err := d.store.Pool().Exec(t.Context(), "DELETE FROM entitlement WHERE role = 'CanReadKycFile' AND user_id = (SELECT user_id FROM app_user WHERE username = 'demo-officer')"); err != nil {
			t.Fatal(err)
		}
		if read := get(t, down); read.status != http.StatusNotFound || strings.Contains(read.body, "PNG") {
			t.Errorf("%d %s", read.status, read.body)
		}
	})
	t.Run("who may see files and not read them gets no link", func(t *testing.T) {
		t.Parallel()
		if _, err := d.store.Pool().Exec(t.Context(), "DELETE FROM entitlement WHERE role = 'CanReadKycFile' AND user_id = (SELECT user_id FROM app_user WHERE username = 'demo-admin')"); err != nil {
			t.Fatal(err)
		}
		answer := d.ask("demo-admin", `query ($id: ID!) { node(id: $id) { ... on KycFile { state download { url } } } }`, map[string]any{"id": up.id})
		if codes := answer.codes(); len(codes) != 1 || codes[0] != "FORBIDDEN" || d.audited(t, "readKycFile") != links {
			t.Errorf("%s", answer.raw)
		}
	})
}

func TestNoLinkIsSeenFromOutside(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	up := d.newUpload(t)
	d.put(t, up.url, strings.NewReader("canary of a content"))
	d.put(t, up.url, bytes.NewReader(filestest.PNG(0)), func(r *http.Request) { r.Header.Set("Referer", up.url) })
	down := d.url + d.file(t, "demo-officer", up.id).Download.URL
	get(t, down)
	get(t, down+"canary")
	metrics, err := d.watch.Registry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	d.stop()
	seen := fmt.Sprint(d.log.String(), d.lines.String(), d.spans.GetSpans(), metrics)
	for _, secret := range []string{"signature", up.url[len(up.url)-20:], down[len(down)-20:], "canary", "until="} {
		if at := strings.Index(seen, secret); at >= 0 {
			t.Errorf("%s is seen: %.300s", secret, seen[max(0, at-150):])
		}
	}
	for _, want := range []string{`"msg":"file transfer"`, `"direction":"upload","outcome":"succeeded","httpStatus":200`, `"direction":"download","outcome":"refused","httpStatus":404`, `"caller":"usr_`} {
		if !strings.Contains(seen, want) {
			t.Errorf("%s is not seen in %s", want, d.log)
		}
	}
}

func TestPagesOfAllowedSitesSendFiles(t *testing.T) {
	t.Parallel()
	const site = "https://dashboard.example.com"
	d := openDoor(t, dbtest.Seeded(t), func(o *graph.Options) { o.Origins = graph.Origins{site} })
	up := d.newUpload(t)
	preflight := func(origin string) told {
		request, _ := http.NewRequest(http.MethodOptions, up.url, nil)
		request.Header.Set("Origin", origin)
		request.Header.Set("Access-Control-Request-Method", "PUT")
		request.Header.Set("Access-Control-Request-Headers", "content-digest,content-type")
		return do(t, request)
	}
	if got := preflight(site); got.status >= 300 || got.header.Get("Access-Control-Allow-Origin") != site || !strings.Contains(got.header.Get("Access-Control-Allow-Methods"), "PUT") {
		t.Errorf("%d %v", got.status, got.header)
	}
	if got := preflight("https://evil.example.com"); got.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%d %v", got.status, got.header)
	}
	sent := d.put(t, up.url, bytes.NewReader(filestest.PNG(0)), func(r *http.Request) { r.Header.Set("Origin", site) })
	if sent.status != 200 || sent.header.Get("Access-Control-Allow-Origin") != site {
		t.Errorf("%d %v", sent.status, sent.header)
	}
}
