// Package filestest starts an S3-compatible server for tests: versitygw, which keeps objects as files and checks signatures, hashes and
// conditions as the real one does. The Go command builds it once, from a module of its own.
package filestest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"bankgraph/files"
)

// The names that the server knows.
const (
	bucket    = "kyc-files"
	region    = "eu-central-1"
	accessKey = "filestest"
	secretKey = "the secret of filestest"
)

// server is the path of the built server.
var server = sync.OnceValues(func() (string, error) {
	_, here, _, _ := runtime.Caller(0)
	build := exec.Command("go", "tool", "-n", "versitygw")
	build.Dir = filepath.Join(filepath.Dir(here), "gateway")
	var complaint bytes.Buffer
	build.Stderr = &complaint
	path, err := build.Output()
	if err != nil {
		return "", fmt.Errorf("build the S3 server: %w: %s", err, complaint.Bytes())
	}
	return strings.TrimSpace(string(path)), nil
})

// S3 is a server that can be stopped and started again with the same objects.
type S3 struct {
	t       testing.TB
	dir     string
	address string
	process *exec.Cmd
}

// StartS3 starts a server with an empty bucket, until the test ends.
func StartS3(t testing.TB) *S3 {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it is closed at once
	if err != nil {
		t.Fatal(err)
	}
	s := &S3{t: t, dir: t.TempDir(), address: listener.Addr().String()}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"objects/" + bucket, "attributes"} {
		if err := os.MkdirAll(filepath.Join(s.dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(s.Stop)
	s.Start()
	return s
}

// Start starts the server again, at the same address.
func (s *S3) Start() {
	s.t.Helper()
	path, err := server()
	if err != nil {
		s.t.Fatal(err)
	}
	s.process = exec.Command(path, "--access", accessKey, "--secret", secretKey, "--region", region, "--port", s.address, "--quiet", //nolint:gosec,noctx // it was built above, and is stopped by Stop
		"posix", "--sidecar", filepath.Join(s.dir, "attributes"), filepath.Join(s.dir, "objects"))
	var told bytes.Buffer
	s.process.Stdout, s.process.Stderr = &told, &told
	if err := s.process.Start(); err != nil {
		s.t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); s.Store().Ping(s.t.Context()) != nil; <-time.After(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("the S3 server does not answer: %s", told.Bytes())
		}
	}
}

// Stop ends the server as a crash does.
func (s *S3) Stop() {
	if s.process != nil {
		_ = s.process.Process.Kill()
		_ = s.process.Wait()
		s.process = nil
	}
}

// Options are how to reach the bucket.
func (s *S3) Options() files.S3Options {
	return files.S3Options{Endpoint: "http://" + s.address, Bucket: bucket, Region: region, AccessKey: accessKey, SecretKey: secretKey}
}

// Store is a new client of the bucket.
func (s *S3) Store() *files.S3 {
	s.t.Helper()
	store, err := files.OpenS3(s.Options())
	if err != nil {
		s.t.Fatal(err)
	}
	return store
}

// Deaf is a client of the bucket whose objects get lost on the way, as does the answer: write sends what got lost to the server after all.
func (s *S3) Deaf() (store *files.S3, write func()) {
	s.t.Helper()
	var mu sync.Mutex
	var lost []*http.Request
	send := func(r *http.Request) *http.Response {
		r.URL.Scheme, r.URL.Host, r.RequestURI = "http", s.address, "" // its Host stays, since that is signed
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			s.t.Error(err)
			return &http.Response{StatusCode: http.StatusBadGateway, Body: http.NoBody}
		}
		return answer
	}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			content, _ := io.ReadAll(r.Body)
			again := r.Clone(context.Background())
			again.Body = io.NopCloser(bytes.NewReader(content))
			mu.Lock()
			defer mu.Unlock()
			lost = append(lost, again)
			panic(http.ErrAbortHandler)
		}
		answer := send(r.Clone(r.Context()))
		defer answer.Body.Close() //nolint:errcheck // it was read
		maps.Copy(w.Header(), answer.Header)
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body)
	}))
	s.t.Cleanup(proxy.Close)
	options := s.Options()
	options.Endpoint = proxy.URL
	store, err := files.OpenS3(options)
	if err != nil {
		s.t.Fatal(err)
	}
	return store, func() {
		mu.Lock()
		defer mu.Unlock()
		for _, request := range lost {
			answer := send(request)
			_ = answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				s.t.Errorf("the S3 server says %s", answer.Status)
			}
		}
	}
}

// Objects are the names of all that is kept.
func (s *S3) Objects() []string { return Kept(s.t, filepath.Join(s.dir, "objects", bucket)) }

// Kept are the files below a directory, without those of the S3 server itself.
func Kept(t testing.TB, directory string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(directory, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && !strings.Contains(path, ".sgw") {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
