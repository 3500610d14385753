package embedded

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// helperVariable turns this test binary into a program that starts the database of the directory it names.
const helperVariable = "EMBEDDED_TEST_DATA_DIR"

// base holds everything the tests write. When they run as root, another account has to pass through it.
var base string

func TestMain(m *testing.M) {
	if directory := os.Getenv(helperVariable); directory != "" {
		os.Exit(helper(directory))
	}
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	var err error
	if base, err = os.MkdirTemp("", "embedded-test-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(base) }()
	// Whatever the fetcher leaves among temporary files goes away with the rest.
	if err := errors.Join(os.Chmod(base, 0o755), os.Setenv("TMPDIR", base)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if left := processesIn(base); len(left) > 0 {
		fmt.Fprintln(os.Stderr, "processes left behind:", left)
		return 1
	}
	return code
}

// processesIn lists the processes that work inside a directory, on systems that can tell.
func processesIn(directory string) []string {
	var found []string
	links, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && strings.HasPrefix(target, directory) {
			found = append(found, link)
		}
	}
	return found
}

// helper is another program that uses the database: it says how it got it, and lives until its input ends.
func helper(directory string) int {
	server, err := Start(context.Background(), Options{DataDir: directory, Unsafe: true})
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	fmt.Println(server.Owned(), server.URL())
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := server.Stop(); err != nil {
		return 1
	}
	return 0
}

// program is a running helper.
type program struct {
	command *exec.Cmd
	input   io.Closer
	output  *bufio.Reader
}

func startProgram(t *testing.T, directory string) *program {
	t.Helper()
	command := exec.Command(os.Args[0])
	// The race detector otherwise sleeps for a second at the end of each program.
	command.Env = append(os.Environ(), helperVariable+"="+directory, "GORACE=atexit_sleep_ms=0")
	command.Stderr = os.Stderr
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	started := &program{command: command, input: input, output: bufio.NewReader(output)}
	t.Cleanup(started.end)
	return started
}

// answer is what the helper says once it has the database.
func (p *program) answer(t *testing.T) (owned bool, address string) {
	t.Helper()
	line, err := p.output.ReadString('\n')
	if err != nil {
		t.Fatal("the program ended without an answer:", err)
	}
	if _, err := fmt.Sscan(line, &owned, &address); err != nil {
		t.Fatalf("the program says %q", line)
	}
	return owned, address
}

func (p *program) end() {
	_ = p.input.Close()
	_ = p.command.Wait()
}

// newDataDir is a directory that does not exist yet, as on the first start of the program.
func newDataDir(t testing.TB) string {
	t.Helper()
	parent, err := os.MkdirTemp(base, "data-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(parent, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(parent); err != nil {
			t.Error(err)
		}
	})
	return filepath.Join(parent, "bankgraph")
}

// mustStart starts without syncing to disk, as all tests do that crash nothing.
func mustStart(t testing.TB, options Options) *Server {
	t.Helper()
	options.Unsafe = true
	return mustStartAsGiven(t, options)
}

func mustStartAsGiven(t testing.TB, options Options) *Server {
	t.Helper()
	server, err := Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// mustRefuse expects an error that holds all the parts and is one line.
func mustRefuse(t *testing.T, options Options, parts ...string) {
	t.Helper()
	options.Unsafe = true
	server, err := Start(t.Context(), options)
	if err == nil {
		_ = server.Stop()
		t.Fatal("it started")
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in: %v", part, err)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than one line: %v", err)
	}
}

func query(t *testing.T, address, statement string) string {
	t.Helper()
	answer, err := tryQuery(t.Context(), address, statement)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func tryQuery(ctx context.Context, address, statement string) (string, error) {
	connection, err := pgx.Connect(ctx, address)
	if err != nil {
		return "", err
	}
	defer func() { _ = connection.Close(ctx) }()
	rows, _ := connection.Query(ctx, statement, pgx.QueryExecModeSimpleProtocol)
	values, err := pgx.CollectRows(rows, pgx.RowTo[any])
	return strings.Trim(fmt.Sprint(values...), "[]"), err
}

func TestStart(t *testing.T) {
	t.Parallel()
	directory := newDataDir(t)
	server := mustStart(t, Options{DataDir: directory})

	t.Run("answers as the owner of its own database", func(t *testing.T) {
		if got := query(t, server.URL(), "SELECT current_user || '@' || current_database()"); got != "bankgraph_owner@bankgraph" {
			t.Errorf("got %q", got)
		}
		if got := query(t, server.URL(), "SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = 'bankgraph'"); got != "bankgraph_owner" {
			t.Errorf("owner is %q", got)
		}
		if !server.Owned() {
			t.Error("a started server is owned")
		}
	})

	t.Run("listens on loopback alone, with checksums and sane settings", func(t *testing.T) {
		for setting, want := range map[string]string{
			"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "data_checksums": "on",
			"server_encoding": "UTF8", "shared_buffers": "128MB", "max_connections": "100",
			"max_wal_size": "512MB", "checkpoint_timeout": "1min", "password_encryption": "scram-sha-256",
		} {
			if got := query(t, server.SuperuserURL(), "SHOW "+setting); got != want {
				t.Errorf("%s is %q, not %q", setting, got, want)
			}
		}
	})

	t.Run("wants the password", func(t *testing.T) {
		address := strings.Replace(server.URL(), "bankgraph_owner:", "bankgraph_owner:not", 1)
		if _, err := tryQuery(t.Context(), address, "SELECT 1"); !refused(err) {
			t.Errorf("got %v", err)
		}
	})

	t.Run("keeps the password to its user", func(t *testing.T) {
		password, err := os.ReadFile(filepath.Join(directory, "postgres.password"))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.Join(server.process.command.Args, " "), strings.TrimSpace(string(password))) {
			t.Error("the password is on the command line")
		}
		for path, want := range map[string]os.FileMode{"postgres.password": 0o600, "postgres.log": 0o600, "postgres": 0o700} {
			info, err := os.Stat(filepath.Join(directory, path))
			if err != nil {
				t.Fatal(err)
			}
			if got := info.Mode().Perm(); got != want {
				t.Errorf("%s has mode %o, not %o", path, got, want)
			}
		}
	})
}

func TestLogHoldsNoStatementsAndNoRows(t *testing.T) {
	t.Parallel()
	directory := newDataDir(t)
	server := mustStart(t, Options{DataDir: directory})
	query(t, server.URL(), "CREATE TABLE person (name text PRIMARY KEY)")
	query(t, server.URL(), "INSERT INTO person VALUES ('Alice Example')")
	for _, statement := range []string{
		"INSERT INTO person VALUES ('Alice Example')", "SELECT 'Alice Example'::uuid", "SELECT Alice Example oops",
	} {
		if _, err := tryQuery(t.Context(), server.URL(), statement); err == nil {
			t.Errorf("%s: no error", statement)
		}
	}
	log, err := os.ReadFile(filepath.Join(directory, "postgres.log"))
	if err != nil {
		t.Fatal(err)
	}
	if text := string(log); !strings.Contains(text, "ready to accept connections") || strings.Contains(text, "Example") {
		t.Errorf("the log is:\n%s", text)
	}
}

func TestSecondStartAttaches(t *testing.T) {
	t.Parallel()
	directory := newDataDir(t)
	first := mustStart(t, Options{DataDir: directory})
	second := mustStart(t, Options{DataDir: directory})
	if second.Owned() || second.URL() != first.URL() {
		t.Errorf("owned %v, %q is not %q", second.Owned(), second.URL(), first.URL())
	}
	if err := second.Stop(); err != nil {
		t.Error(err)
	}
	if got := query(t, first.URL(), "SELECT 1"); got != "1" {
		t.Errorf("got %q", got)
	}
	select {
	case <-first.Exited():
		t.Error("the owner's server was stopped")
	case <-second.Exited():
		t.Error("an attached server never exits")
	default:
	}
}

func TestStopKeepsTheData(t *testing.T) {
	t.Parallel()
	directory := newDataDir(t)
	server := mustStart(t, Options{DataDir: directory})
	query(t, server.URL(), "CREATE TABLE kept AS SELECT 42 AS value")
	for range 2 {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	}
	select {
	case <-server.Exited():
	case <-time.After(time.Second):
		t.Error("a stopped server has exited")
	}
	again := mustStart(t, Options{DataDir: directory})
	if got := query(t, again.URL(), "SELECT value FROM kept"); got != "42" || !again.Owned() {
		t.Errorf("got %q, owned %v", got, again.Owned())
	}
}

func BenchmarkStart(b *testing.B) {
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			server := mustStartAsGiven(b, Options{DataDir: newDataDir(b)})
			b.StopTimer()
			_ = server.Stop()
			b.StartTimer()
		}
	})
	directory := newDataDir(b)
	_ = mustStartAsGiven(b, Options{DataDir: directory}).Stop()
	b.Run("warm", func(b *testing.B) {
		for b.Loop() {
			server := mustStartAsGiven(b, Options{DataDir: directory})
			b.StopTimer()
			_ = server.Stop()
			b.StartTimer()
		}
	})
	server := mustStartAsGiven(b, Options{DataDir: directory})
	b.Run("attach", func(b *testing.B) {
		for b.Loop() {
			mustStartAsGiven(b, Options{DataDir: directory})
		}
	})
	b.Run("stop", func(b *testing.B) {
		for b.Loop() {
			_ = server.Stop()
			b.StopTimer()
			server = mustStartAsGiven(b, Options{DataDir: directory})
			b.StartTimer()
		}
	})
}
