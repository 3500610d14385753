package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"bankgraph/db/dbtest"
	"bankgraph/db/embedded"
)

// program is this test binary, started as bankgraph.
type program struct {
	*exec.Cmd
	out    *bufio.Reader
	errors *dbtest.Log
}

func command(t *testing.T, arguments ...string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0], arguments...)
	c.Env = append(environmentWithoutDatabase(), asProgram+"=1")
	return c
}

// environmentWithoutDatabase is for the tests of the private Postgres, also where a server is given.
func environmentWithoutDatabase() []string {
	var kept []string
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "DATABASE_URL=") && !strings.HasPrefix(entry, "BANKGRAPH_") {
			kept = append(kept, entry)
		}
	}
	return kept
}

func startProgram(t *testing.T, arguments ...string) *program {
	t.Helper()
	return startProgramWith(t, nil, arguments...)
}

// startProgramWith adds to the program's environment.
func startProgramWith(t *testing.T, environment []string, arguments ...string) *program {
	t.Helper()
	p := &program{Cmd: command(t, arguments...), errors: &dbtest.Log{}}
	p.Env = append(p.Env, environment...)
	p.Stderr = p.errors
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewReader(out)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.ProcessState == nil {
			_ = p.Process.Signal(syscall.SIGINT)
			_ = p.Wait()
		}
	})
	return p
}

// until reads the program's output up to a line that matches, and gives the first group.
func (p *program) until(t *testing.T, pattern string) string {
	t.Helper()
	expression := regexp.MustCompile(pattern)
	for {
		line, err := p.out.ReadString('\n')
		if match := expression.FindStringSubmatch(line); match != nil {
			return match[1]
		}
		if err != nil {
			t.Fatalf("the program ended before it said %q: %s", pattern, p.errors)
		}
	}
}

// dataDir is a directory that Postgres can walk into when it runs as another user.
func dataDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "bankgraph-program-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "data")
}

func query(t *testing.T, base, token, query string) reply {
	t.Helper()
	d := &door{t: t, url: base}
	return d.askWith("Bearer "+token, query, nil)
}

func TestTheProgramServesANewcomer(t *testing.T) {
	t.Parallel()
	asksInTurn(t)
	dir := dataDir(t)
	first := startProgram(t, "--addr", "127.0.0.1:0", "--data-dir", dir, "--demo-customers", "20")
	base := strings.TrimSuffix(first.until(t, `GraphQL +(http\S+)/graphql`), "/")
	first.until(t, `(demo-admin): `)
	printed := strings.TrimSpace(first.until(t, `^  (ey\S+)`))
	const overview = `{ customerOverview(bankId: "gh.29.uk", customerNumber: "5987953") { legalName } }`
	if answer := query(t, base, printed, overview); len(answer.Errors) > 0 || answer.find(t, "customerOverview", "legalName") == "" {
		t.Fatalf("%s", answer.raw)
	}

	t.Run("token prints a token alone beside the running server", func(t *testing.T) {
		out, err := command(t, "token", "--data-dir", dir, "--user", "demo-officer").Output()
		if err != nil {
			t.Fatal(err)
		}
		token := strings.TrimSpace(string(out))
		if strings.ContainsAny(token, " \n") {
			t.Errorf("more than a token: %q", out)
		}
		if answer := query(t, base, token, `{ viewer { user { username } } }`); answer.find(t, "viewer", "user", "username") != "demo-officer" {
			t.Errorf("%s", answer.raw)
		}
	})
	t.Run("a role given at the command line counts on the next operation", func(t *testing.T) {
		token, err := command(t, "token", "--data-dir", dir, "--user", "demo-stranger").Output()
		if err != nil {
			t.Fatal(err)
		}
		ask := func() []string { return query(t, base, strings.TrimSpace(string(token)), overview).codes() }
		if codes := ask(); len(codes) != 1 || codes[0] != "FORBIDDEN" {
			t.Fatal(codes)
		}
		for _, step := range []struct {
			verb    string
			refused int
		}{{"grant", 0}, {"revoke", 1}} {
			if out, err := command(t, "user", step.verb, "demo-stranger", "CanGetCustomerOverview", "--bank", "gh.29.uk", "--data-dir", dir).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if codes := ask(); len(codes) != step.refused {
				t.Errorf("after %s: %v", step.verb, codes)
			}
		}
	})
	t.Run("a name that two users have is refused", func(t *testing.T) { refuseSharedName(t, dir) })
	t.Run("seed refuses a database that holds data", func(t *testing.T) {
		out, err := command(t, "seed", "--data-dir", dir).CombinedOutput()
		if err == nil || !strings.Contains(string(out), "already holds data") {
			t.Errorf("%v: %s", err, out)
		}
	})
	t.Run("after kill -9 the next start serves the same data", func(t *testing.T) {
		surviveKill(t, first, dir, func(base string) reply { return query(t, base, printed, overview) })
	})
}

func refuseSharedName(t *testing.T, dir string) {
	t.Helper()
	server := embeddedURL(t, dir)
	pool, err := pgxpool.New(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(t.Context(), `INSERT INTO app_user (user_id, issuer, subject, username) VALUES (gen_random_uuid(), 'https://other.example', 'x', 'demo-stranger')`); err != nil {
		t.Fatal(err)
	}
	out, err := command(t, "user", "grant", "demo-stranger", "CanGetCustomer", "--bank", "gh.29.uk", "--data-dir", dir).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "2 users are named demo-stranger") {
		t.Errorf("%v: %s", err, out)
	}
}

func surviveKill(t *testing.T, first *program, dir string, ask func(base string) reply) {
	t.Helper()
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
	second := startProgram(t, "--addr", "127.0.0.1:0", "--data-dir", dir)
	base := second.until(t, `GraphQL +(http\S+)/graphql`)
	if answer := ask(base); len(answer.Errors) > 0 {
		t.Errorf("%s", answer.raw)
	}
	if err := second.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := second.Wait(); err != nil {
		t.Errorf("ended with %v after an interrupt: %s", err, second.errors)
	}
	if _, err := os.Stat(filepath.Join(dir, "postgres", "postmaster.pid")); err == nil {
		t.Error("Postgres still runs after the program ended")
	}
}

// embeddedURL attaches to the private Postgres of a running program.
func embeddedURL(t *testing.T, dir string) string {
	t.Helper()
	server, err := embedded.Start(t.Context(), embedded.Options{DataDir: dir})
	if err != nil || server.Owned() {
		t.Fatalf("not attached: %v", err)
	}
	return server.URL()
}

func TestATakenPortIsOneSentenceAndTouchesNothing(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	dir := dataDir(t)
	out, err := command(t, "--addr", listener.Addr().String(), "--data-dir", dir).CombinedOutput()
	want := fmt.Sprintf("bankgraph: the address %s is taken by another program: stop it, or choose another address with --addr or BANKGRAPH_ADDR\n", listener.Addr())
	if err == nil || string(out) != want {
		t.Errorf("%v: %s", err, out)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the data directory was made all the same")
	}
}

func TestReadyzKnowsTheDatabase(t *testing.T) {
	t.Parallel()
	asksInTurn(t)
	p := startProgram(t, "--addr", "127.0.0.1:0", "--data-dir", dataDir(t), "--demo-customers", "1")
	base := p.until(t, `GraphQL +(http\S+)/graphql`)
	for path, want := range map[string]int{"/livez": http.StatusOK, "/readyz": http.StatusOK, "/": http.StatusOK, "/nowhere": http.StatusNotFound} {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		cancel()
		if response.StatusCode != want {
			t.Errorf("%s answers %d", path, response.StatusCode)
		}
	}
}

func TestHelpAndMistakesAreReadable(t *testing.T) {
	t.Parallel()
	asksInTurn(t)
	for _, arguments := range [][]string{{"--nonsense"}, {"token"}, {"user", "grant", "somebody"}} {
		out, err := command(t, arguments...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), "bankgraph: ") {
			t.Errorf("%v: %v: %s", arguments, err, out)
		}
	}
	if out, err := command(t, "--help").CombinedOutput(); err != nil || !strings.Contains(string(out), "Serve the graph") {
		t.Errorf("%v: %s", err, out)
	}
	if out, err := command(t, "schema").Output(); err != nil || !strings.Contains(string(out), "type Customer implements Node") {
		t.Errorf("%v: %.200s", err, out)
	}
}

// end tells the program to stop, and waits until it has.
func (p *program) end(t *testing.T) {
	t.Helper()
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("%v: %s", err, p.errors)
	}
}
