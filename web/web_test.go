package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// example is a playground with one user; the token is looked for in answers.
func example(*http.Request) Playground {
	return Playground{
		Endpoint: "/graphql",
		Users:    []User{{Name: "Clerk", Description: "Reads customers", Token: "secret-token"}},
		Tabs:     []Tab{{Title: "First", Query: "query First { __typename }", User: "Clerk"}},
	}
}

// ask sends one request to a new handler. Each pair of headers is name, value;
// the name "Host" sets the request's host.
func ask(t *testing.T, method, target string, headers ...string) *http.Response {
	t.Helper()
	request := httptest.NewRequest(method, target, nil)
	request.Host = "localhost:8080"
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			request.Host = headers[i+1]
			continue
		}
		request.Header.Add(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	Handler(example).ServeHTTP(recorder, request)
	return recorder.Result()
}

func bodyOf(t *testing.T, response *http.Response) []byte {
	t.Helper()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("read body: %v", err)
	}
	return body
}

// paths lists every path that the handler serves as a file.
func paths() []string {
	var all []string
	for pattern := range assets() {
		all = append(all, strings.TrimSuffix(pattern, "{$}"))
	}
	return all
}

func TestSecurityHeadersAreOnEveryAnswer(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
			"connect-src 'self'; font-src 'self' data:; img-src 'self' data:; " +
			"base-uri 'none'; frame-ancestors 'none'; form-action 'none'",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Referrer-Policy":              "no-referrer",
		"X-Content-Type-Options":       "nosniff",
	}
	for _, path := range append(paths(), "/playground/session.json", "/missing") {
		response := ask(t, http.MethodGet, path)
		for name, value := range want {
			if got := response.Header.Get(name); got != value {
				t.Errorf("%s: %s = %q, want %q", path, name, got, value)
			}
		}
	}
}

func TestUnknownPathsAreNotFound(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"/missing", "/index.html", "/graphql", "/playground", "/playground/", "/playground/index.html",
		"/playground/vendor/README.md", "/playground/vendor/graphiql-4.1.2/graphiql.min.js.gz",
		"/playground/%2e%2e/web.go", "/favicon.ico",
	} {
		if response := ask(t, http.MethodGet, path); response.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, response.StatusCode)
		}
	}
}

func TestOnlyGetAndHeadAreAllowed(t *testing.T) {
	t.Parallel()
	for _, path := range append(paths(), "/playground/session.json") {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions} {
			if response := ask(t, method, path); response.StatusCode != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: status %d, want 405", method, path, response.StatusCode)
			}
		}
		response := ask(t, http.MethodHead, path)
		if response.StatusCode != http.StatusOK {
			t.Errorf("HEAD %s: status %d, want 200", path, response.StatusCode)
		}
	}
}

func TestBothFormsOfAFileHaveTheSameContent(t *testing.T) {
	t.Parallel()
	for _, path := range paths() {
		plain := ask(t, http.MethodGet, path)
		packed := ask(t, http.MethodGet, path, "Accept-Encoding", "br, gzip;q=0.8")

		if got := plain.Header.Get("Content-Encoding"); got != "" {
			t.Errorf("%s: content encoding %q for a client that takes none", path, got)
		}
		if got := packed.Header.Get("Content-Encoding"); got != "gzip" {
			t.Errorf("%s: content encoding %q, want gzip", path, got)
		}
		reader, err := gzip.NewReader(packed.Body)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		unpacked, err := io.ReadAll(reader)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if body := bodyOf(t, plain); len(body) == 0 || !bytes.Equal(body, unpacked) {
			t.Errorf("%s: plain has %d bytes, unpacked %d, or they differ", path, len(body), len(unpacked))
		}
		if plain.Header.Get("Etag") == packed.Header.Get("Etag") {
			t.Errorf("%s: both forms have the ETag %s", path, plain.Header.Get("Etag"))
		}
		if plain.Header.Get("Vary") != "Accept-Encoding" || packed.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: Vary must name Accept-Encoding", path)
		}
		if plain.Header.Get("Content-Type") != packed.Header.Get("Content-Type") {
			t.Errorf("%s: the content type depends on the form", path)
		}
	}
}

func TestGzipIsSentOnlyWhenAccepted(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]bool{
		"": false, "br": false, "*": false, "identity": false, "gzip;q=0": false, "gzip; q=0.000": false,
		"gzip;q=nonsense": false, "gzip": true, "GZIP": true, "deflate, gzip;q=1.0": true, "br,gzip ; q=0.1": true,
	} {
		response := ask(t, http.MethodGet, "/playground/boot.js", "Accept-Encoding", accept)
		if got := response.Header.Get("Content-Encoding") == "gzip"; got != want {
			t.Errorf("Accept-Encoding %q: gzip %v, want %v", accept, got, want)
		}
	}
}

func TestCaching(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/":                         "no-store",
		"/playground/session.json":  "no-store",
		"/playground/boot.js":       "no-cache",
		"/playground/style.css":     "no-cache",
		vendored("graphiql.min.js"): "public, max-age=31536000, immutable",
	} {
		if got := ask(t, http.MethodGet, path).Header.Get("Cache-Control"); got != want {
			t.Errorf("%s: Cache-Control %q, want %q", path, got, want)
		}
	}

	etag := ask(t, http.MethodGet, "/playground/boot.js").Header.Get("Etag")
	response := ask(t, http.MethodGet, "/playground/boot.js", "If-None-Match", etag)
	if response.StatusCode != http.StatusNotModified {
		t.Errorf("known ETag: status %d, want 304", response.StatusCode)
	}
}

// vendored finds the path of a vendored file without naming its version again.
func vendored(name string) string {
	for _, path := range paths() {
		if strings.HasSuffix(path, "/"+name) {
			return path
		}
	}
	return "/no-such-file/" + name
}

func TestThePageNeedsNothingButItsOwnFiles(t *testing.T) {
	t.Parallel()
	page := bodyOf(t, ask(t, http.MethodGet, "/"))
	references := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllSubmatch(page, -1)
	if len(references) < 7 {
		t.Fatalf("found %d references in index.html; the pattern or the page is wrong", len(references))
	}
	for _, reference := range references {
		path := string(reference[1])
		if response := ask(t, http.MethodGet, path); response.StatusCode != http.StatusOK {
			t.Errorf("index.html refers to %s: status %d", path, response.StatusCode)
		}
	}

	foreign := regexp.MustCompile(`(?i)(https?|wss?)://|["'(]//`)
	for _, path := range []string{"/", "/playground/boot.js", "/playground/style.css", vendored("graphiql.min.css")} {
		// GraphiQL's style sheet holds images as data URLs, whose SVG must name
		// its namespace; nothing is loaded from there.
		content := bytes.ReplaceAll(bodyOf(t, ask(t, http.MethodGet, path)), []byte("http://www.w3.org/2000/svg"), nil)
		if found := foreign.Find(content); found != nil {
			t.Errorf("%s has an absolute address: %s", path, found)
		}
	}
	if regexp.MustCompile(`(?i)<script(?:\s[^>]*)?>\s*[^<\s]|\son[a-z]+=`).Match(page) {
		t.Error("index.html has an inline script, which the policy forbids")
	}
}

func TestVendoredFilesAreAsPublished(t *testing.T) {
	t.Parallel()
	sums, err := playgroundFiles.ReadFile("playground/vendor/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{}
	for line := range strings.Lines(string(sums)) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		known["/playground/vendor/"+name] = sum
	}
	for _, path := range paths() {
		if !strings.HasPrefix(path, "/playground/vendor/") || strings.HasSuffix(path, ".txt") {
			continue
		}
		sum := sha256.Sum256(bodyOf(t, ask(t, http.MethodGet, path)))
		if got := hex.EncodeToString(sum[:]); got != known[path] {
			t.Errorf("%s: sha256 %s, want %q", path, got, known[path])
		}
		delete(known, path)
	}
	for path := range known {
		t.Errorf("%s is in SHA256SUMS but not served", path)
	}
}
