package embedded

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestKilledProgramBlocksNothing(t *testing.T) {
	t.Parallel()
	directory := newDataDir(t)
	killed := startProgram(t, directory)
	_, address := killed.answer(t)
	query(t, address, "CREATE TABLE kept AS SELECT 42 AS value")
	if err := killed.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	killed.end()

	server := mustStart(t, Options{DataDir: directory})
	if got := query(t, server.URL(), "SELECT value FROM kept"); got != "42" {
		t.Errorf("got %q", got)
	}
	if runtime.GOOS != "linux" {
		return // the server of the killed program lives on, and is attached to
	}
	if !server.Owned() {
		t.Error("the server of the killed program did not end with it")
	}
	log, err := os.ReadFile(filepath.Join(directory, "postgres.log"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(log), "not properly shut down") {
		t.Errorf("the killed program's server did not end in order:\n%s", log)
	}
}

func TestProgramKilledInItsFirstStartBlocksNothing(t *testing.T) {
	t.Parallel()
	for _, moment := range []time.Duration{200 * time.Millisecond, 400 * time.Millisecond, 600 * time.Millisecond} {
		directory := newDataDir(t)
		killed := startProgram(t, directory)
		<-time.After(moment)
		if err := killed.command.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		killed.end()
		if err := mustStart(t, Options{DataDir: directory}).Stop(); err != nil {
			t.Errorf("killed after %s: %v", moment, err)
		}
	}
}

func TestProgramsStartingAtOnceShareOneServer(t *testing.T) {
	t.Parallel()
	directory := newDataDir(t)
	programs := []*program{startProgram(t, directory), startProgram(t, directory), startProgram(t, directory)}
	owners, addresses := 0, map[string]bool{}
	for _, program := range programs {
		owned, address := program.answer(t)
		if owned {
			owners++
		}
		addresses[address] = true
	}
	if owners != 1 || len(addresses) != 1 {
		t.Errorf("%d owners, addresses %v", owners, addresses)
	}
}

func TestKilledPostgresIsNoticedAndRecovers(t *testing.T) {
	t.Parallel()
	directory := newDataDir(t)
	server := mustStartAsGiven(t, Options{DataDir: directory})
	query(t, server.URL(), "CREATE TABLE kept AS SELECT 42 AS value")
	if err := server.process.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-server.Exited():
	case <-time.After(5 * time.Second):
		t.Fatal("the end of Postgres was not noticed")
	}
	again := mustStartAsGiven(t, Options{DataDir: directory})
	if got := query(t, again.URL(), "SELECT value FROM kept"); got != "42" {
		t.Errorf("got %q", got)
	}
}

func TestInterruptedInitialisationIsForgotten(t *testing.T) {
	t.Parallel()
	directory := newDataDir(t)
	stale := filepath.Join(directory, "postgres.init", "cluster", "base")
	if err := os.MkdirAll(stale, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(directory, 0o755); err != nil {
		t.Fatal(err)
	}
	server := mustStart(t, Options{DataDir: directory})
	if got := query(t, server.URL(), "SELECT 1"); got != "1" {
		t.Errorf("got %q", got)
	}
	if _, err := os.Stat(filepath.Join(directory, "postgres.init")); !os.IsNotExist(err) {
		t.Errorf("what the interrupted start left is still there: %v", err)
	}
}

// After a crash of the machine the process number in postmaster.pid may belong to any program.
func TestReusedProcessNumberBlocksNothing(t *testing.T) {
	t.Parallel()
	directory := newDataDir(t)
	if err := mustStart(t, Options{DataDir: directory}).Stop(); err != nil {
		t.Fatal(err)
	}
	launcher, err := newLauncher(Options{DataDir: directory})
	if err != nil {
		t.Fatal(err)
	}
	// To be taken for Postgres it must run as the same user.
	bystander := launcher.command("/bin/sleep", deathKills)
	bystander.Args = append(bystander.Args, "60")
	child, err := start(bystander)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { killGroup(child); <-child.exited })
	cluster := filepath.Join(directory, "postgres")
	stale := fmt.Sprintf("%d\n%s\n1700000000\n1\n\n127.0.0.1\n  1 1\nready   \n", bystander.Process.Pid, cluster)
	if err := os.WriteFile(filepath.Join(cluster, "postmaster.pid"), []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	server := mustStart(t, Options{DataDir: directory})
	if got := query(t, server.URL(), "SELECT 1"); got != "1" || !server.Owned() {
		t.Errorf("got %q, owned %v", got, server.Owned())
	}
}

func TestPortTakenMeanwhile(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	var asked atomic.Int32
	choose := func(ctx context.Context) (int, error) {
		if asked.Add(1) == 1 {
			return listener.Addr().(*net.TCPAddr).Port, nil
		}
		return freePort(ctx)
	}
	server := mustStart(t, Options{DataDir: newDataDir(t), knobs: knobs{freePort: choose}})
	if got := query(t, server.URL(), "SELECT 1"); got != "1" || asked.Load() != 2 {
		t.Errorf("got %q after %d tries", got, asked.Load())
	}
}
