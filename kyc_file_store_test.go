package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bankgraph/bank"
	"bankgraph/db/dbtest"
	"bankgraph/files"
	"bankgraph/files/filestest"
	"bankgraph/graph"
)

func TestAnInterruptedUploadLeavesNothing(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	up := d.newUpload(t)
	address, err := url.Parse(up.url)
	if err != nil {
		t.Fatal(err)
	}
	connection, err := net.Dial("tcp", address.Host)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(connection, "PUT %s HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n", address.RequestURI())
	_, _ = connection.Write(filestest.PNG(1_000_000)[:500_000])
	waitFor(t, "a draft", func() bool { return len(filestest.Kept(t, d.files)) == 1 })
	connection.Close()
	waitFor(t, "nothing is left", func() bool { return len(filestest.Kept(t, d.files)) == 0 })
	waitFor(t, "no note is left", func() bool { return d.count(t, "kyc_file_attempt") == 0 })
	if sent := d.put(t, up.url, bytes.NewReader(filestest.PNG(0))); sent.status != 200 {
		t.Errorf("%d %s", sent.status, sent.body)
	}
}

func TestAStoreThatIsDownLosesNothing(t *testing.T) {
	t.Parallel()
	server := filestest.StartS3(t)
	d := openDoor(t, dbtest.Seeded(t), withStore(server.Store()))
	kept, up := d.newUpload(t), d.newUpload(t)
	content := filestest.PNG(100_000)
	if sent := d.put(t, kept.url, bytes.NewReader(content)); sent.status != 200 {
		t.Fatal(sent.body)
	}
	down := d.url + d.file(t, "demo-officer", kept.id).Download.URL
	// The server stops when half of a file is on its way.
	half, rest := io.Pipe()
	go func() {
		_, _ = rest.Write(content[:50_000])
		server.Stop()
		_, _ = rest.Write(content[50_000:])
		_ = rest.Close()
	}()
	for what, got := range map[string]told{"an upload": d.put(t, up.url, half), "a download": get(t, down)} {
		if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" || !strings.Contains(got.body, `"code":"UPSTREAM_UNAVAILABLE"`) || !strings.Contains(got.body, `"retryable":true`) {
			t.Errorf("%s: %d %s", what, got.status, got.body)
		}
	}
	waitFor(t, "the graph says so", func() bool {
		answer := d.ask("demo-officer", `mutation ($input: CreateKycFileInput!) { createKycFile(input: $input) { __typename } }`,
			map[string]any{"input": map[string]any{"bankId": "gh.29.uk", "customerId": fileCustomer}})
		return len(answer.Errors) == 1 && answer.codes()[0] == "UPSTREAM_UNAVAILABLE" && answer.Errors[0].Extensions["retryable"] == true
	})
	if answer := d.ask("demo-stranger", `mutation ($input: CreateKycFileInput!) { createKycFile(input: $input) { __typename } }`,
		map[string]any{"input": map[string]any{"bankId": "gh.29.uk", "customerId": fileCustomer}}); answer.find(t, "createKycFile", "__typename") != "ForbiddenRejection" {
		t.Errorf("a stranger learns of the store: %s", answer.raw)
	}
	if now := d.file(t, "demo-officer", up.id); now.State != "AWAITING_UPLOAD" {
		t.Errorf("%+v", now)
	}
	server.Start()
	if again := d.put(t, up.url, bytes.NewReader(content)); again.status != 200 {
		t.Errorf("%d %s", again.status, again.body)
	}
	if got := get(t, down); got.body != string(content) {
		t.Errorf("%d", got.status)
	}
	// What the store may have got in the middle is cleared away.
	if err := d.verbs.SweepKycFiles(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if left := server.Objects(); len(left) != 2 || d.count(t, "kyc_file_attempt") != 0 {
		t.Error(left)
	}
}

// withStore keeps files elsewhere.
func withStore(store files.Store) func(*graph.Options) {
	return func(o *graph.Options) {
		resolver := resolverOf(o)
		resolver.Verbs = resolver.Verbs.WithFiles(bank.Files{Store: store, Signer: files.NewSigner([][]byte{[]byte(testKey)})})
	}
}

func TestADiskThatIsNotThereLosesNothing(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	up := d.newUpload(t)
	drafts := filepath.Join(d.files, "drafts")
	if err := os.Rename(drafts, drafts+".away"); err != nil { // root may write where it is forbidden, so the folder goes
		t.Fatal(err)
	}
	if sent := d.put(t, up.url, bytes.NewReader(filestest.PNG(0))); sent.status != http.StatusServiceUnavailable || !strings.Contains(sent.body, "UPSTREAM_UNAVAILABLE") || strings.Contains(sent.body, drafts) {
		t.Errorf("%d %s", sent.status, sent.body)
	}
	if now := d.file(t, "demo-officer", up.id); now.State != "AWAITING_UPLOAD" {
		t.Errorf("%+v", now)
	}
	if err := os.Rename(drafts+".away", drafts); err != nil {
		t.Fatal(err)
	}
	if sent := d.put(t, up.url, bytes.NewReader(filestest.PNG(0))); sent.status != 200 {
		t.Errorf("%d %s", sent.status, sent.body)
	}
}

// TestTheProgramTakesFiles uploads to the program itself, by the link as it is handed out.
func TestTheProgramTakesFiles(t *testing.T) {
	t.Parallel()
	asksInTurn(t)
	dir := dataDir(t)
	p := startProgram(t, "--addr", "127.0.0.1:0", "--data-dir", dir, "--demo-customers", "10")
	base := strings.TrimSuffix(p.until(t, `GraphQL +(http\S+)/graphql`), "/")
	out, err := command(t, "token", "--data-dir", dir, "--user", "demo-officer").Output()
	if err != nil {
		t.Fatal(err)
	}
	d := &door{t: t, url: ""}
	answer := query(t, base, strings.TrimSpace(string(out)), `mutation { createKycFile(input: { bankId: "gh.29.uk", customerId: "`+fileCustomer+`" }) { ... on CreateKycFileSuccess { kycFile { id } upload { url } } ... on Rejection { message } } }`)
	up := d.uploadIn(t, answer, "createKycFile")
	if !strings.HasPrefix(up.url, base+"/files/") {
		t.Fatal(up.url)
	}
	if sent := d.put(t, up.url, bytes.NewReader(filestest.PNG(1<<20))); sent.status != 200 {
		t.Errorf("%d %s", sent.status, sent.body)
	}
	if kept := filestest.Kept(t, filepath.Join(dir, "files")); len(kept) != 1 {
		t.Error(kept)
	}
	info, err := os.Stat(filepath.Join(dir, "secret.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	p.end(t)
	if strings.Contains(p.errors.String(), "signature") {
		t.Error(p.errors)
	}
}

func TestMistakesInFlagsOfFilesAreOneSentence(t *testing.T) {
	t.Parallel()
	asksInTurn(t)
	short := filepath.Join(t.TempDir(), "short.key")
	if err := os.WriteFile(short, []byte("canary"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, flags := range map[string][]string{
		"name one":                     {"--files-dir", "a", "--s3-endpoint", "https://s3.example.com", "--s3-bucket", "a"},
		"need each other":              {"--s3-endpoint", "https://s3.example.com"},
		"AWS_ACCESS_KEY_ID":            {"--s3-endpoint", "https://s3.example.com", "--s3-bucket", "a"},
		"without a path":               {"--files-address", "https://api.example.com/a"},
		"need the --secret-key-file":   {"--files-dir", "a", "--database-url", dbtest.URL(t, false)},
		"it should have at least 32":   {"--secret-key-file", short, "--database-url", dbtest.URL(t, false)},
		"read the secret: open nothin": {"--secret-key-file", "nothing", "--database-url", dbtest.URL(t, false)},
	} {
		c := command(t, append([]string{"serve", "--addr", "127.0.0.1:0", "--data-dir", t.TempDir()}, flags...)...)
		out, err := c.CombinedOutput()
		last := strings.TrimSpace(string(out))
		last = last[strings.LastIndex(last, "\n")+1:]
		if err == nil || !strings.Contains(last, want) || strings.Contains(string(out), "canary") {
			t.Errorf("%v: %s", flags, out)
		}
	}
}

func TestAServerWithoutAPlaceForFilesSaysSo(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t), func(o *graph.Options) {
		resolver := resolverOf(o)
		resolver.Verbs = resolver.Verbs.WithFiles(bank.Files{})
	})
	answer := d.ask("demo-officer", `mutation ($input: CreateKycFileInput!) { createKycFile(input: $input) { __typename ... on Rejection { message } } }`,
		map[string]any{"input": map[string]any{"bankId": "gh.29.uk", "customerId": fileCustomer}})
	if message := fmt.Sprint(answer.find(t, "createKycFile", "message")); answer.find(t, "createKycFile", "__typename") != "PolicyRejection" || !strings.Contains(message, "keeps no files") {
		t.Errorf("%s", answer.raw)
	}
	if got := get(t, d.url+"/files/gh.29.uk/kyfil_ByHZWbudRdzG3GoANw1aF/1?until=1&signature=a"); got.status != http.StatusNotFound {
		t.Errorf("%d %s", got.status, got.body)
	}
}
