package embedded

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fingerprint changes with every name, mode, time and byte below a directory.
func fingerprint(t *testing.T, directory string) string {
	t.Helper()
	sum := sha256.New()
	err := filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintln(sum, path, info.Mode(), info.Size(), info.ModTime())
		if !info.Mode().IsRegular() {
			return nil
		}
		content, err := os.ReadFile(path)
		_, _ = sum.Write(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

func TestOtherVersionsAreRefusedAndUntouched(t *testing.T) {
	t.Parallel()
	directory := newDataDir(t)
	if err := mustStart(t, Options{DataDir: directory}).Stop(); err != nil {
		t.Fatal(err)
	}
	for version, parts := range map[string][]string{
		"14": {"was made by PostgreSQL 14 and at least 15 is needed"},
		"99": {"was made by PostgreSQL 99 and only PostgreSQL", "install PostgreSQL 99"},
	} {
		if err := os.WriteFile(filepath.Join(directory, "postgres", "PG_VERSION"), []byte(version+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		before := fingerprint(t, directory)
		mustRefuse(t, Options{DataDir: directory}, parts...)
		if fingerprint(t, directory) != before {
			t.Errorf("the cluster of version %s was touched", version)
		}
	}
}

func TestForeignDirectoryIsRefused(t *testing.T) {
	t.Parallel()
	directory := newDataDir(t)
	if err := os.MkdirAll(filepath.Join(directory, "postgres", "photos"), 0o755); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		if err := os.Lchown(filepath.Join(directory, "postgres"), 1, 1); err != nil {
			t.Fatal(err)
		}
	}
	before := fingerprint(t, directory)
	mustRefuse(t, Options{DataDir: directory}, "is in the way")
	if fingerprint(t, directory) != before {
		t.Error("the directory was touched")
	}
}

func TestLostPasswordIsNamed(t *testing.T) {
	t.Parallel()
	directory := newDataDir(t)
	if err := mustStart(t, Options{DataDir: directory}).Stop(); err != nil {
		t.Fatal(err)
	}
	password := filepath.Join(directory, "postgres.password")
	if err := os.WriteFile(password, []byte("another\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	mustRefuse(t, Options{DataDir: directory}, "refuses the password in "+password)
	if err := os.Remove(password); err != nil {
		t.Fatal(err)
	}
	mustRefuse(t, Options{DataDir: directory}, "restore the file "+password)
}

func TestFullDiskIsRefused(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a small disk")
	}
	disk := newDataDir(t)
	if err := os.Mkdir(disk, 0o755); err != nil {
		t.Fatal(err)
	}
	if output, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=64m,mode=755", "tmpfs", disk).CombinedOutput(); err != nil {
		t.Skipf("no small disk can be mounted here: %s", output)
	}
	t.Cleanup(func() {
		if output, err := exec.Command("umount", disk).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, output)
		}
	})
	mustRefuse(t, Options{DataDir: filepath.Join(disk, "bankgraph")}, disk+" has 64 MiB free and a new database needs 256 MiB")
	entries, err := os.ReadDir(disk)
	if err != nil || len(entries) > 0 {
		t.Errorf("the disk holds %v, %v", entries, err)
	}
}

func TestClosedParentIsNamed(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root hands Postgres to another user")
	}
	closed := newDataDir(t)
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	mustRefuse(t, Options{DataDir: filepath.Join(closed, "bankgraph")}, "cannot enter "+closed+":", "chmod o+x")
}

func TestRootFallsBackToNobody(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root hands Postgres to another user")
	}
	directory := newDataDir(t)
	absent := knobs{accounts: []string{"no-such-user"}}
	mustRefuse(t, Options{DataDir: directory, knobs: absent}, "there is no user no-such-user")
	server := mustStart(t, Options{DataDir: directory, knobs: knobs{accounts: []string{"no-such-user", "nobody"}}})
	if got := query(t, server.URL(), "SELECT 1"); got != "1" {
		t.Errorf("got %q", got)
	}
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	// The cluster keeps its user, whoever would be chosen for a new one.
	if got := query(t, mustStart(t, Options{DataDir: directory}).URL(), "SELECT 1"); got != "1" {
		t.Errorf("got %q", got)
	}
}

// fakeBinaries are scripts in place of Postgres; every account may run them.
func fakeBinaries(t *testing.T, postgres, initdb string) string {
	t.Helper()
	directory := newDataDir(t)
	for _, err := range []error{
		os.Mkdir(directory, 0o755),
		os.WriteFile(filepath.Join(directory, "postgres"), []byte("#!/bin/sh\n"+postgres+"\n"), 0o755),
		os.WriteFile(filepath.Join(directory, "initdb"), []byte("#!/bin/sh\n"+initdb+"\n"), 0o755),
		os.Chmod(directory, 0o755), // the umask may have been narrower
		os.Chmod(filepath.Join(directory, "postgres"), 0o755),
		os.Chmod(filepath.Join(directory, "initdb"), 0o755),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return directory
}

func TestFailedInitialisationIsExplained(t *testing.T) {
	t.Parallel()
	binaries := fakeBinaries(t, "echo 'postgres (PostgreSQL) 17.2'",
		"echo creating; echo 'initdb: error: no luck today' >&2; echo 'initdb: removing' >&2; exit 1")
	directory := newDataDir(t)
	mustRefuse(t, Options{DataDir: directory, BinDir: binaries}, "initdb: error: no luck today")
	for _, name := range []string{"postgres", "postgres.init"} {
		if _, err := os.Stat(filepath.Join(directory, name)); !os.IsNotExist(err) {
			t.Errorf("%s is there: %v", name, err)
		}
	}
}

func TestInterruptedInitialisationEndsItsChildren(t *testing.T) {
	t.Parallel()
	directory := newDataDir(t)
	binaries := fakeBinaries(t, "echo 'postgres (PostgreSQL) 17.2'", `cd "$(dirname "$0")"; sleep 60 & wait`)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	before := time.Now()
	if _, err := Start(ctx, Options{DataDir: directory, BinDir: binaries}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(before); took > 3*time.Second {
		t.Errorf("it took %s: a child was waited for", took)
	}
	if left := processesIn(binaries); len(left) > 0 {
		t.Errorf("children live on: %v", left)
	}
}

func TestUnreadyPostgresIsExplainedAndEnded(t *testing.T) {
	t.Parallel()
	directory := newDataDir(t)
	if err := mustStart(t, Options{DataDir: directory}).Stop(); err != nil {
		t.Fatal(err)
	}
	version, err := os.ReadFile(filepath.Join(directory, "postgres", "PG_VERSION"))
	if err != nil {
		t.Fatal(err)
	}
	speak := "test $1 = --version && echo 'postgres (PostgreSQL) " + strings.TrimSpace(string(version)) + ".1' && exit\n"

	silent := fakeBinaries(t, speak+"cd '"+directory+"'; echo 'FATAL: out of coffee'; exec sleep 60", "")
	mustRefuse(t, Options{DataDir: directory, BinDir: silent, knobs: knobs{readyTimeout: 200 * time.Millisecond}},
		"did not answer within 200ms", "FATAL: out of coffee")
	if left := processesIn(directory); len(left) > 0 {
		t.Errorf("it still runs: %v", left)
	}

	if err := os.Remove(filepath.Join(directory, "postgres", "global", "pg_control")); err != nil {
		t.Fatal(err)
	}
	mustRefuse(t, Options{DataDir: directory}, "stopped while it was starting", "could not")
}
