package embedded

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// probeTimeout is far above what an answer over loopback takes, also on a busy machine.
	probeTimeout = 2 * time.Second

	// settleTimeout is how long a Postgres that starts or stops on its own is waited for.
	settleTimeout = time.Minute

	// readyPause lets a warm start cost what Postgres itself needs and little more.
	readyPause = 10 * time.Millisecond
)

// errElsewhere means that a Postgres answered, but of another cluster.
var errElsewhere = errors.New("the server on this port has another data directory")

// postmaster is what a running Postgres writes about itself into postmaster.pid.
type postmaster struct {
	pid   int
	port  int
	ready bool
}

// postmaster reads the file of the cluster; false means that there is none, or one that is being written.
func (l *launcher) postmaster() (postmaster, bool) {
	content, err := os.ReadFile(filepath.Join(l.cluster, "postmaster.pid"))
	lines := strings.Split(string(content), "\n")
	if err != nil || len(lines) < 4 {
		return postmaster{}, false
	}
	pid, errPid := strconv.Atoi(strings.TrimSpace(lines[0]))
	port, errPort := strconv.Atoi(strings.TrimSpace(lines[3]))
	// The eighth line is the state; "standby" would be a cluster that someone made a replica of another.
	ready := len(lines) > 7 && strings.TrimSpace(lines[7]) == "ready"
	return postmaster{pid: pid, port: port, ready: ready}, errPid == nil && errPort == nil
}

// attach returns the server that already runs on the cluster, or nil. An error is one of reaching it.
func (l *launcher) attach(ctx context.Context) (*Server, error) {
	running, found := l.postmaster()
	if !found || !running.ready {
		return nil, nil
	}
	password, err := l.password()
	if err != nil {
		return nil, err
	}
	address := databaseURL(running.port, password)
	if err := l.probe(ctx, address); err != nil {
		return nil, err
	}
	owners, err := l.handOver(ctx, address, password)
	if err != nil {
		return nil, err
	}
	l.Log.InfoContext(ctx, "attached to the running database", "directory", l.cluster, "port", running.port)
	return &Server{url: owners}, nil
}

// settle is called under the lock, when nobody else starts the cluster. It returns the server that runs, or nil
// once it is sure that none does: one that is stopping, or was left by a killed program, gets time to end.
func (l *launcher) settle(ctx context.Context) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, settleTimeout)
	defer cancel()
	for {
		running, found := l.postmaster()
		if !found {
			return nil, nil
		}
		switch ownerOf(running.pid, l.cluster) {
		case ownerGone:
			return nil, nil
		case ownerForeign:
			// After a crash of the machine the number may belong to any program. Postgres would take it for itself
			// and refuse to start. Its second guard, the shared memory of the cluster, stays in force.
			if err := os.Remove(filepath.Join(l.cluster, "postmaster.pid")); err != nil {
				return nil, fmt.Errorf("remove what a crash left: %w", err)
			}
			return nil, nil
		case ownerCluster:
			// It is starting, answering or stopping: time will tell.
		}
		server, err := l.attach(ctx)
		if server != nil {
			return server, nil
		}
		if refused(err) {
			return nil, fmt.Errorf("the Postgres that runs on %s refuses the password in %s: restore that file (%w)", l.cluster, l.passwordFile(), err)
		}
		if err := pause(ctx, lockPause); err != nil {
			return nil, fmt.Errorf("a Postgres (process %d) runs on %s and does not answer: stop it and try again (%w)", running.pid, l.cluster, err)
		}
	}
}

// probe is nil when the server at the address answers queries and is the one of this cluster.
func (l *launcher) probe(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	connection, err := connect(ctx, address)
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close(ctx) }()
	results, err := connection.Exec(ctx, "SHOW data_directory").ReadAll()
	if err != nil {
		return fmt.Errorf("ask for the data directory: %w", err)
	}
	theirs, err := os.Stat(string(results[0].Rows[0][0]))
	if err != nil {
		return errElsewhere
	}
	ours, err := os.Stat(l.cluster)
	if err != nil || !os.SameFile(ours, theirs) {
		return errElsewhere
	}
	return nil
}

func connect(ctx context.Context, address string) (*pgconn.PgConn, error) {
	config, err := pgconn.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("read the address of the database: %w", err)
	}
	// Whoever took the port meanwhile must not be able to ask for the password itself.
	config.RequireAuth = "scram-sha-256"
	return pgconn.ConnectConfig(ctx, config)
}

// refused is true when the server did not accept the password.
func refused(err error) bool { return hasCode(err, "28P01") || hasCode(err, "28000") }

func hasCode(err error, code string) bool {
	var refusal *pgconn.PgError
	return errors.As(err, &refusal) && refusal.Code == code
}

func databaseURL(port int, password string) string {
	address := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(roleName, password),
		Host:     net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
		Path:     "/" + databaseName,
		RawQuery: "sslmode=disable",
	}
	return address.String()
}

// addressFor is the same address for another role, who has the same password.
func addressFor(address, role, other string) string {
	return strings.Replace(address, "//"+role+":", "//"+other+":", 1)
}
