package events

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// channel is where the replicas wake each other. The channels of one database are not those of another.
const channel = "bankgraph_events"

const (
	// wireTime is how long it may take to connect or to say something.
	wireTime = 5 * time.Second
	// longestPause is how long it may be until a connection is made again that could not be made many times.
	longestPause = 5 * time.Second
	// lostProbes is how many probes in a row may be missing before nobody counts on wake-ups any more.
	lostProbes = 3
)

// errUnheard ends a connection that listens and hears nothing, not even what this replica tells itself: the other end is gone, or a pooler gave the server's connection to somebody else.
var errUnheard = errors.New("nothing that was told came back: the connection is dead, or there is a pooler that lets nobody listen")

// describe is what the log may have of an error.
func (h *Hub) describe(err error) string {
	if errors.Is(err, errUnheard) {
		return err.Error()
	}
	return h.Describe(err)
}

// isHearing says that wake-ups arrive here: what this replica told came back lately.
func (h *Hub) isHearing() bool {
	at := h.heardAt.Load()
	return at != nil && time.Since(*at) < lostProbes*h.Pace.Probe
}

// connect makes a connection of the hub's own: one of the pool would be held for ever, and a pooler's cannot listen.
func (h *Hub) connect(ctx context.Context, name string) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(h.Listen)
	if err != nil {
		return nil, err
	}
	config.RuntimeParams["application_name"] = name
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	return pgx.ConnectConfig(ctx, config)
}

// again is the pause before a connection is made that could not be made so many times in a row.
func (h *Hub) again(failures int) time.Duration {
	return min(h.Pace.Reconnect<<min(failures, 10), max(longestPause, h.Pace.Reconnect))
}

// listen hears the wake-ups of the other replicas, over one connection.
func (h *Hub) listen(ctx context.Context) {
	wire := h.outage("the connection that hears of events broke; they are looked for until there is another", "wake-ups of events are heard")
	for failures := 0; ; failures++ {
		isHeard, err := h.hear(ctx, wire)
		h.heardAt.Store(nil)
		if wire.note(ctx, err); isHeard {
			failures = 0
		}
		if !pause(ctx, h.again(failures)) {
			return
		}
	}
}

// hear hears until the connection breaks, and says whether something was heard on it.
func (h *Hub) hear(ctx context.Context, wire *outage) (isHeard bool, err error) {
	conn, err := h.subscribeToWakeUps(ctx)
	if err != nil {
		return false, err
	}
	defer h.hangUp(ctx, conn)
	h.toRead.addAll()   // what was told while nobody listened
	h.toNotify.signal() // is anything heard?
	for {
		told, err := h.await(ctx, conn)
		if err != nil {
			return isHeard, err
		}
		if told.PID == h.notifierPID.Load() {
			now := time.Now()
			h.heardAt.Store(&now)
			isHeard = true
			wire.note(ctx, nil)
			continue // it is what this replica told the others, and has read already
		}
		if named, all := readHint(told.Payload); all {
			h.toRead.addAll()
		} else {
			h.heard(named)
		}
	}
}

func (h *Hub) subscribeToWakeUps(ctx context.Context) (*pgx.Conn, error) {
	limit, cancel := context.WithTimeout(ctx, wireTime)
	defer cancel()
	conn, err := h.connect(limit, "bankgraph events: listens")
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(limit, "LISTEN "+channel); err != nil {
		h.hangUp(ctx, conn)
		return nil, err
	}
	return conn, nil
}

// await waits for a wake-up, and not for longer than probes may be missing.
func (h *Hub) await(ctx context.Context, conn *pgx.Conn) (*pgconn.Notification, error) {
	limit, cancel := context.WithTimeoutCause(ctx, lostProbes*h.Pace.Probe, errUnheard)
	defer cancel()
	told, err := conn.WaitForNotification(limit)
	if err != nil && limit.Err() != nil {
		err = context.Cause(limit)
	}
	return told, err
}

// notify tells the other replicas, at most once in a while, and never in a transaction that does something else: transactions that notify commit one after the other. What could not be told is told
// when there is a connection again; until then the others find it by looking.
func (h *Hub) notify(ctx context.Context) {
	var conn *pgx.Conn
	defer func() { h.hangUp(ctx, conn) }()
	wire := h.outage("the other replicas cannot be told of events: they look for them", "the other replicas are told of events")
	probe := time.NewTicker(h.Pace.Probe)
	defer probe.Stop()
	failures := 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-probe.C:
		case <-h.toNotify.changed:
			if !pause(ctx, h.Pace.Coalesce) { // those who come meanwhile are told of together
				return
			}
		}
		named, all := h.toNotify.take()
		var err error
		conn, err = h.say(ctx, conn, hint(named, all))
		wire.note(ctx, err)
		if err == nil {
			failures = 0
			continue
		}
		if all {
			h.toNotify.addAll()
		} else {
			h.toNotify.add(named)
		}
		if !pause(ctx, h.again(failures)) {
			return
		}
		failures++
	}
}

// say tells a hint, and gives the connection for the next; nil when it broke.
func (h *Hub) say(ctx context.Context, conn *pgx.Conn, hint string) (*pgx.Conn, error) {
	limit, cancel := context.WithTimeout(ctx, wireTime)
	defer cancel()
	if conn == nil {
		var err error
		if conn, err = h.connect(limit, "bankgraph events: tells"); err != nil {
			return nil, err
		}
		if err := h.introduce(limit, conn); err != nil {
			h.hangUp(ctx, conn)
			return nil, err
		}
	}
	if _, err := conn.Exec(limit, "SELECT pg_notify($1, $2)", channel, hint); err != nil {
		h.notifierPID.Store(0)
		h.hangUp(ctx, conn)
		return nil, err
	}
	return conn, nil
}

// introduce finds out by which process of the server this replica's wake-ups are told: behind a pooler it is not the one that answered when the connection was made.
func (h *Hub) introduce(ctx context.Context, conn *pgx.Conn) error {
	// Each wake-up is a commit, and none is worth that the log is flushed for it: one that is lost is found by the poll.
	if _, err := conn.Exec(ctx, "SET synchronous_commit = off"); err != nil {
		return err
	}
	var pid uint32
	if err := conn.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&pid); err != nil {
		return err
	}
	h.notifierPID.Store(pid)
	return nil
}

// hangUp closes a connection.
func (h *Hub) hangUp(ctx context.Context, conn *pgx.Conn) {
	if conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = conn.Close(ctx) // it is gone either way
}
