package embedded

import (
	"archive/zip"
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const advice = "no PostgreSQL 15 or newer was found and it could not be downloaded: install it, for example with " +
	"`apt-get install postgresql`, or `brew install postgresql`, or set DATABASE_URL to a server"

// nowhere finds nothing: with PATH emptied it is a machine without Postgres.
var nowhere = []string{}

func TestMissingBinariesWithoutNetwork(t *testing.T) {
	t.Setenv("PATH", "")
	closed := httptest.NewServer(nil)
	closed.Close()
	directory := newDataDir(t)
	mustRefuse(t, Options{DataDir: directory, knobs: knobs{places: nowhere, repository: closed.URL}}, advice)
	if left, _ := filepath.Glob(filepath.Join(directory, "*")); len(left) != 1 || filepath.Base(left[0]) != "postgres.lock" {
		t.Errorf("it left %v", left)
	}
}

func TestMissingBinariesWithSilentNetwork(t *testing.T) {
	t.Setenv("PATH", "")
	release := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer silent.Close()
	defer close(release)
	before := time.Now()
	mustRefuse(t, Options{DataDir: newDataDir(t), knobs: knobs{
		places: nowhere, repository: silent.URL, fetchTimeout: 200 * time.Millisecond,
	}}, advice, "did not finish in time")
	if took := time.Since(before); took > 2*time.Second {
		t.Errorf("it took %s", took)
	}
}

// The download is a pair of scripts that call themselves PostgreSQL 18 and run the Postgres of this machine.
func TestMissingBinariesAreDownloadedOnce(t *testing.T) {
	if _, err := exec.LookPath("xz"); err != nil {
		t.Skip("xz is needed to pack a download")
	}
	probe, err := newLauncher(Options{DataDir: newDataDir(t)})
	if err != nil {
		t.Fatal(err)
	}
	installed, err := probe.find(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	archive := packBinaries(t, fakeBinaries(t,
		"test $1 = --version && echo 'postgres (PostgreSQL) 18.3' && exit\nexec "+installed+`/postgres "$@"`, "exec "+installed+`/initdb "$@"`))
	downloads := 0
	repository := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, ".jar") {
			http.NotFound(w, r)
			return
		}
		downloads++
		_, _ = w.Write(archive)
	}))
	defer repository.Close()
	t.Setenv("PATH", "/bin") // the scripts need a shell
	if path, err := exec.LookPath("postgres"); err == nil {
		t.Skip("Postgres cannot be hidden from the search, it is at ", path)
	}
	hidden := filepath.Join(newDataDir(t), "bin")
	t.Setenv("PATH", hidden)

	directory := newDataDir(t)
	options := Options{DataDir: directory, knobs: knobs{places: nowhere, repository: repository.URL}}
	server := mustStart(t, options)
	if got := query(t, server.URL(), "SELECT 1"); got != "1" {
		t.Errorf("got %q", got)
	}
	again, err := newLauncher(options)
	if err != nil {
		t.Fatal(err)
	}
	found, err := again.find(t.Context(), 0)
	if want := filepath.Join(directory, "binaries", "18", "bin"); err != nil || found != want || downloads != 1 {
		t.Errorf("found %q, %v after %d downloads", found, err, downloads)
	}
}

// packBinaries makes what the repository serves: a zip with a tar.xz inside.
func packBinaries(t *testing.T, directory string) []byte {
	t.Helper()
	packed := filepath.Join(directory, "binaries.txz")
	command := exec.Command("tar", "-cJf", packed, "--transform=s,^,bin/,", "-C", directory, "postgres", "initdb")
	if output, err := command.CombinedOutput(); err != nil {
		t.Skipf("no download can be packed here: %s", output)
	}
	content, err := os.ReadFile(packed)
	if err != nil {
		t.Fatal(err)
	}
	var jar bytes.Buffer
	writer := zip.NewWriter(&jar)
	entry, err := writer.Create("binaries.txz")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := entry.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return jar.Bytes()
}
