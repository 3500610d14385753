package embedded

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

const (
	// stopTimeout leaves a fast shutdown the time to write everything out to a slow disk.
	stopTimeout = time.Minute

	// abandonTimeout is for a shutdown that writes nothing.
	abandonTimeout = 5 * time.Second
)

// Server is a running Postgres: one that Start started (owned), or one that it found running.
// Its methods may be called from several goroutines.
type Server struct {
	url string

	// The rest is set when the server is owned.
	process  *process
	binaries string
	cluster  string
	log      *slog.Logger
	stopOnce sync.Once
	stopErr  error
}

// URL is the address of the database with the password of its owner in it, who is no superuser: keep it out of logs.
// It is good until the server stops; the next start has another port.
func (s *Server) URL() string { return s.url }

// SuperuserURL is the same for the superuser, whom the program itself has no use for: roles are made so, and a cluster repaired.
func (s *Server) SuperuserURL() string { return addressFor(s.url, ownerName, roleName) }

// Owned is true when Start started this Postgres, and false when it attached to a running one.
func (s *Server) Owned() bool { return s.process != nil }

// Exited is closed when an owned Postgres has ended, for whatever reason. It is never closed (and is nil)
// for a Postgres that was attached to: that one may end at any time, with the program that owns it.
func (s *Server) Exited() <-chan struct{} {
	if s.process == nil {
		return nil
	}
	return s.process.exited
}

// Stop ends an owned Postgres: open transactions are rolled back, everything committed is on disk when it
// returns. It does nothing for one that was attached to. Further calls wait for the first and return what it did.
func (s *Server) Stop() error {
	if s.process == nil {
		return nil
	}
	s.stopOnce.Do(func() { s.stopErr = s.stop() })
	return s.stopErr
}

func (s *Server) stop() error {
	select {
	case <-s.process.exited:
		return nil
	default:
	}
	if err := stopFast(s.process, s.binaries, s.cluster); err != nil {
		s.process.abandon()
		return fmt.Errorf("the database did not take the request to stop and was ended at once: %w", err)
	}
	select {
	case <-s.process.exited:
	case <-time.After(stopTimeout):
		s.process.abandon()
		return errors.New("the database did not stop in time and was ended at once: it recovers at the next start")
	}
	if s.process.err != nil {
		return fmt.Errorf("the database stopped with an error: %w", s.process.err)
	}
	s.log.Info("stopped the database", "directory", s.cluster)
	return nil
}
