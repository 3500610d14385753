package embedded

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

func TestDefaultDataDir(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the places differ by system")
	}
	places := []struct{ data, home, want string }{
		{"/data", "/home/ann", "/data/bankgraph"},
		{"relative", "/home/ann", "/home/ann/.local/share/bankgraph"},
		{"", "/home/ann", "/home/ann/.local/share/bankgraph"},
		{"", "", ""},
	}
	for _, place := range places {
		t.Setenv("XDG_DATA_HOME", place.data)
		t.Setenv("HOME", place.home)
		want := place.want
		if os.Geteuid() == 0 {
			want = "/var/lib/bankgraph"
		}
		if got := DefaultDataDir(); got != want {
			t.Errorf("%v leads to %q", place, got)
		}
	}
}

func TestNewestBinariesFirst(t *testing.T) {
	t.Setenv("PATH", "")
	directory := newDataDir(t)
	for _, version := range []string{"9.6", "16", "101", "18"} {
		if err := os.MkdirAll(filepath.Join(directory, version, "bin"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	launcher, err := newLauncher(Options{DataDir: newDataDir(t), knobs: knobs{places: []string{filepath.Join(directory, "*", "bin")}}})
	if err != nil {
		t.Fatal(err)
	}
	var versions []string
	for _, candidate := range launcher.candidates(t.Context()) {
		versions = append(versions, filepath.Base(filepath.Dir(candidate)))
	}
	if !slices.Equal(versions, []string{"101", "18", "16", "9.6"}) {
		t.Errorf("got %v", versions)
	}
}

func TestNamedBinariesAreTheOnlyOnes(t *testing.T) {
	t.Parallel()
	empty := newDataDir(t)
	mustRefuse(t, Options{DataDir: newDataDir(t), BinDir: empty}, empty+" has no initdb and postgres")
	old := fakeBinaries(t, "echo 'postgres (PostgreSQL) 14.9'", "")
	mustRefuse(t, Options{DataDir: newDataDir(t), BinDir: old}, "has PostgreSQL 14 and at least 15 is needed")
}
