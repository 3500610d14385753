package files_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"bankgraph/files"
	"bankgraph/files/filestest"
)

// stores are all that keep objects, each with a way to see what it has.
func stores(t *testing.T, test func(t *testing.T, store files.Store, kept func() []string)) {
	t.Helper()
	t.Run("a local directory", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		store, err := files.OpenLocal(dir)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = store.Close() })
		test(t, store, func() []string { return filestest.Kept(t, dir) })
	})
	t.Run("S3", func(t *testing.T) {
		t.Parallel()
		server := filestest.StartS3(t)
		test(t, server.Store(), server.Objects)
	})
}

func newKey(t *testing.T) string {
	t.Helper()
	key, err := files.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func read(t *testing.T, store files.Store, key string) []byte {
	t.Helper()
	object, err := store.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer object.Close()
	text, err := io.ReadAll(object)
	if err != nil || object.Size() != int64(len(text)) {
		t.Fatalf("%d of %d bytes: %v", len(text), object.Size(), err)
	}
	return text
}

func TestAnObjectComesBackAsItWasPut(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, store files.Store, kept func() []string) {
		for _, size := range []int{1, 4096, 3 << 20, files.MaxSize} {
			key, text := newKey(t), bytes.Repeat([]byte("0123456789abcdef"), size/16+1)[:size]
			if err := store.Put(t.Context(), key, iotest.OneByteReader(bytes.NewReader(text[:1]))); size == 1 && err != nil {
				t.Fatal(err)
			} else if size > 1 {
				key = newKey(t)
				if err := store.Put(t.Context(), key, bytes.NewReader(text)); err != nil {
					t.Fatal(err)
				}
			}
			if got := read(t, store, key); !bytes.Equal(got, text) {
				t.Errorf("%d bytes of %d came back", len(got), size)
			}
		}
		if err := store.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		for _, path := range kept() {
			if strings.Contains(path, "drafts") {
				t.Errorf("%s is left", path)
			}
		}
	})
}

func TestAnObjectIsReadFromAnyPlace(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, store files.Store, _ func() []string) {
		key := newKey(t)
		if err := store.Put(t.Context(), key, strings.NewReader("0123456789")); err != nil {
			t.Fatal(err)
		}
		object, err := store.Open(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		defer object.Close()
		for _, step := range []struct {
			offset int64
			whence int
			want   string
		}{{3, io.SeekStart, "345"}, {1, io.SeekCurrent, "789"}, {-10, io.SeekEnd, "012"}, {0, io.SeekCurrent, "345"}} {
			if _, err := object.Seek(step.offset, step.whence); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, 3)
			if _, err := io.ReadFull(object, got); err != nil || string(got) != step.want {
				t.Errorf("%v: %q %v", step, got, err)
			}
		}
		if _, err := object.Seek(-1, io.SeekStart); err == nil {
			t.Error("there is something before the beginning")
		}
		if end, err := object.Seek(0, io.SeekEnd); end != 10 || err != nil {
			t.Error(end, err)
		}
		if n, err := object.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
			t.Error(n, err)
		}
	})
}

func TestAnObjectIsNeverWrittenOver(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, store files.Store, kept func() []string) {
		key := newKey(t)
		var won atomic.Int64
		var all sync.WaitGroup
		for _, text := range []string{"first", "other"} {
			all.Go(func() {
				switch err := store.Put(t.Context(), key, strings.NewReader(text)); {
				case err == nil:
					won.Add(1)
				case !errors.Is(err, files.ErrExists):
					t.Error(err)
				}
			})
		}
		all.Wait()
		before := read(t, store, key)
		if err := store.Put(t.Context(), key, strings.NewReader("later")); !errors.Is(err, files.ErrExists) {
			t.Error(err)
		}
		if now := read(t, store, key); won.Load() != 1 || !bytes.Equal(now, before) || len(kept()) != 1 {
			t.Errorf("%d won; %s became %s; %v", won.Load(), before, now, kept())
		}
	})
}

func TestContentThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, store files.Store, kept func() []string) {
		gone := errors.New("the client is gone")
		content := io.MultiReader(strings.NewReader(strings.Repeat("a", 1<<20)), iotest.ErrReader(gone))
		if err := store.Put(t.Context(), newKey(t), content); !errors.Is(err, gone) || errors.Is(err, files.ErrUnavailable) {
			t.Error(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := store.Put(ctx, newKey(t), strings.NewReader("a")); !errors.Is(err, files.ErrUnavailable) {
			t.Error(err)
		}
		if left := kept(); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
	})
}

func TestWhatIsDeletedIsGone(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, store files.Store, _ func() []string) {
		key := newKey(t)
		if err := store.Put(t.Context(), key, strings.NewReader("a")); err != nil {
			t.Fatal(err)
		}
		for range 2 { // what is gone is gone
			if err := store.Delete(t.Context(), key); err != nil {
				t.Error(err)
			}
		}
		if _, err := store.Open(t.Context(), key); !errors.Is(err, files.ErrNotThere) {
			t.Error(err)
		}
	})
}

func TestAKeyIsNoPath(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, store files.Store, kept func() []string) {
		for _, key := range []string{"", "a", "../" + newKey(t), "/etc/passwd", "00/" + strings.Repeat("0", 31) + "/", strings.ToUpper("ab/" + strings.Repeat("ab", 16)), newKey(t) + "\n"} {
			if store.Put(t.Context(), key, strings.NewReader("a")) == nil || store.Delete(t.Context(), key) == nil {
				t.Errorf("%q was taken", key)
			}
			if _, err := store.Open(t.Context(), key); err == nil {
				t.Errorf("%q was opened", key)
			}
		}
		if len(kept()) != 0 {
			t.Error(kept())
		}
	})
}

func TestAnS3ServerThatStopsIsUnavailableAndLosesNothing(t *testing.T) {
	t.Parallel()
	server := filestest.StartS3(t)
	store, key := server.Store(), newKey(t)
	if err := store.Put(t.Context(), key, strings.NewReader("kept")); err != nil {
		t.Fatal(err)
	}
	server.Stop()
	_, openErr := store.Open(t.Context(), key)
	for what, err := range map[string]error{
		"put": store.Put(t.Context(), newKey(t), strings.NewReader("a")), "open": openErr, "delete": store.Delete(t.Context(), key), "ping": store.Ping(t.Context()),
	} {
		if !errors.Is(err, files.ErrUnavailable) {
			t.Errorf("%s: %v", what, err)
		}
	}
	server.Start()
	if got := read(t, store, key); string(got) != "kept" {
		t.Errorf("%q", got)
	}
}

func TestABucketOrACredentialThatDoesNotHoldIsUnavailable(t *testing.T) {
	t.Parallel()
	server := filestest.StartS3(t)
	for what, change := range map[string]func(*files.S3Options){
		"another bucket": func(o *files.S3Options) { o.Bucket = "nothing" },
		"another secret": func(o *files.S3Options) { o.SecretKey = "another" },
	} {
		options := server.Options()
		change(&options)
		store, err := files.OpenS3(options)
		if err != nil {
			t.Fatal(err)
		}
		_, openErr := store.Open(t.Context(), newKey(t))
		for verb, err := range map[string]error{"put": store.Put(t.Context(), newKey(t), strings.NewReader("a")), "ping": store.Ping(t.Context()), "open": openErr} {
			if !errors.Is(err, files.ErrUnavailable) && (verb != "open" || !errors.Is(err, files.ErrNotThere)) {
				t.Errorf("%s, %s: %v", what, verb, err)
			}
		}
	}
}

func TestAnS3AnswerThatIsCutOffIsUnavailable(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "10")
		w.Header().Set("ETag", `"a"`)
		w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, "half")
			panic(http.ErrAbortHandler)
		}
	}))
	t.Cleanup(server.Close)
	store, err := files.OpenS3(files.S3Options{Endpoint: server.URL, Bucket: "kyc-files", Region: "us-east-1", AccessKey: "a", SecretKey: "b"})
	if err != nil {
		t.Fatal(err)
	}
	object, err := store.Open(t.Context(), newKey(t))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(object); !errors.Is(err, files.ErrUnavailable) {
		t.Errorf("%q %v", text, err)
	}
}

func TestMistakesInS3OptionsAreOneSentence(t *testing.T) {
	t.Parallel()
	for want, options := range map[string]files.S3Options{
		"should look like https://":  {Endpoint: "s3.example.com", Bucket: "a", AccessKey: "a", SecretKey: "b"},
		"should look like https:/":   {Endpoint: "https://user:password@s3.example.com", Bucket: "a", AccessKey: "a", SecretKey: "b"},
		"needs a bucket":             {Endpoint: "https://s3.example.com", AccessKey: "a", SecretKey: "b"},
		"needs AWS_ACCESS_KEY_ID":    {Endpoint: "https://s3.example.com", Bucket: "a", SecretKey: "b"},
		"AWS_SECRET_ACCESS_KEY in t": {Endpoint: "https://s3.example.com", Bucket: "a", AccessKey: "a"},
	} {
		if _, err := files.OpenS3(options); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "password") {
			t.Errorf("%v instead of %s", err, want)
		}
	}
}

func TestALocalDirectoryThatIsGoneIsUnavailable(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "files")
	store, err := files.OpenLocal(dir)
	if err != nil {
		t.Fatal(err)
	}
	key := newKey(t)
	if err := store.Put(t.Context(), key, strings.NewReader("a")); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	_, openErr := store.Open(t.Context(), key)
	for what, err := range map[string]error{"put": store.Put(t.Context(), newKey(t), strings.NewReader("a")), "open": openErr, "ping": store.Ping(t.Context())} {
		if !errors.Is(err, files.ErrUnavailable) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestDraftsThatNobodyWritesAreSwept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store, err := files.OpenLocal(dir)
	if err != nil {
		t.Fatal(err)
	}
	key := newKey(t)
	if err := store.Put(t.Context(), key, strings.NewReader("kept")); err != nil {
		t.Fatal(err)
	}
	for name, age := range map[string]time.Duration{"old": 2 * time.Hour, "new": 0} { // as a crash leaves them
		path := filepath.Join(dir, "drafts", name)
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Now().Add(-age), time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Sweep(time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	left := filestest.Kept(t, dir)
	if len(left) != 2 || strings.Contains(strings.Join(left, " "), "old") || string(read(t, store, key)) != "kept" {
		t.Error(left)
	}
}
