package embedded

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"time"
)

const (
	// launchTries bounds the races that a second try can win: a port taken since it was chosen, and shared
	// memory that the processes of a killed Postgres are just leaving.
	launchTries = 10

	launchPause = 100 * time.Millisecond
)

// launch starts Postgres on the cluster and returns when it answers.
func (l *launcher) launch(ctx context.Context, binaries string) (*Server, error) {
	password, err := l.password()
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		server, err := l.launchOnce(ctx, binaries, password)
		var failure *launchError
		if err == nil || !errors.As(err, &failure) || !failure.passing() || try == launchTries {
			return server, err
		}
		if err := pause(ctx, launchPause); err != nil {
			return nil, err
		}
	}
}

func (l *launcher) launchOnce(ctx context.Context, binaries, password string) (*Server, error) {
	port, err := l.knobs.freePort(ctx)
	if err != nil {
		return nil, err
	}
	output, err := openLog(filepath.Join(l.DataDir, "postgres.log"))
	if err != nil {
		return nil, err
	}
	defer output.close()

	command := l.command(executable(binaries, "postgres"), deathEndsPostgres)
	command.Args = append(command.Args, "-D", l.cluster)
	command.Args = append(command.Args, settings(port, l.Unsafe)...)
	command.Stdout, command.Stderr = output.file, output.file
	process, err := start(command)
	if err != nil {
		return nil, fmt.Errorf("run Postgres: %w", err)
	}
	server := &Server{
		url: databaseURL(port, password), log: l.Log,
		process: process, binaries: binaries, cluster: l.cluster,
	}
	if err := l.awaitReady(ctx, server); err != nil {
		server.process.abandon()
		return nil, &launchError{cause: err, log: output.path, lines: output.sinceOpened()}
	}
	if server.url, err = l.handOver(ctx, server.url, password); err != nil {
		server.process.abandon()
		return nil, &launchError{cause: err, log: output.path, lines: output.sinceOpened()}
	}
	l.Log.InfoContext(ctx, "started the database", "directory", l.cluster, "port", port)
	return server, nil
}

// awaitReady returns when the server answers, or with the reason why it will not.
func (l *launcher) awaitReady(ctx context.Context, server *Server) error {
	limited, cancel := context.WithTimeout(ctx, l.knobs.readyTimeout)
	defer cancel()
	// Whoever else has the port may take a connection and never answer: the end of Postgres ends that wait too.
	go func() {
		select {
		case <-server.process.exited:
			cancel()
		case <-limited.Done():
		}
	}()
	for {
		err := l.probe(limited, server.url)
		if hasCode(err, "3D000") { // the server is up, and a new cluster has only the database "postgres"
			err = createDatabase(limited, server.url)
		}
		if err == nil {
			return nil
		}
		if refused(err) {
			return fmt.Errorf("the database refuses the password in %s: restore that file (%w)", l.passwordFile(), err)
		}
		if pause(limited, readyPause) == nil {
			continue
		}
		select {
		case <-server.process.exited:
			return errors.New("the database stopped while it was starting")
		default:
		}
		if ctx.Err() != nil {
			return fmt.Errorf("the start of the database was given up: %w", ctx.Err())
		}
		return fmt.Errorf("the database did not answer within %s", l.knobs.readyTimeout)
	}
}

func createDatabase(ctx context.Context, address string) error {
	connection, err := connect(ctx, strings.Replace(address, "/"+databaseName+"?", "/postgres?", 1))
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close(ctx) }()
	_, err = connection.Exec(ctx, "CREATE DATABASE "+databaseName).ReadAll()
	return err
}

// launchError is the cause together with what Postgres itself said.
type launchError struct {
	cause error
	log   string
	lines string
}

func (e *launchError) Error() string {
	lines := lastLines(e.lines, 5)
	if len(lines) == 0 {
		return fmt.Sprintf("%s; it wrote nothing to %s", e.cause, e.log)
	}
	return fmt.Sprintf("%s; %s ends with: %s", e.cause, e.log, strings.Join(lines, "; "))
}

func (e *launchError) Unwrap() error { return e.cause }

// passing is true for the races that another try can win.
func (e *launchError) passing() bool {
	return strings.Contains(e.lines, "could not create any TCP/IP sockets") ||
		strings.Contains(e.lines, "pre-existing shared memory block")
}

// freePort asks the system for a port that nobody uses. Somebody may take it before Postgres does.
func freePort(ctx context.Context) (int, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	return port, listener.Close()
}
