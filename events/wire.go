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

// wireTime is how long it may take to connect or to say something.
const wireTime = 5 * time.Second

// lostProbes is how many probes in a row may be missing before nobody counts on wake-ups any more.
const lostProbes = 3

// errUnheard ends a connection that listens and hears nothing, not even what this replica tells itself: the other end is gone, or a pooler gave the server's connection to somebody else.
var errUnheard = errors.New("nothing that was told came back: the connection is dead, or there is a pooler that lets nobody listen")

// isHearing says that wake-ups arrive here: what this replica told came back lately.
func (h *Hub) isHearing() bool {
	return time.Since(time.Unix(0, h.heardAt.Load())) < lostProbes*h.Pace.Probe
}

// connect makes a connection of the hub's own: one of the pool would be held for ever, and a pooler's cannot listen.
func (h *Hub) connect(ctx context.Context, name string) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, wireTime)
	defer cancel()
	config, err := pgx.ParseConfig(h.Listen)
	if err != nil {
		return nil, err
	}
	config.RuntimeParams["application_name"] = name
	// Each wake-up is a commit, and none is worth that the log is flushed for it: one that is lost is found by the poll.
	config.RuntimeParams["synchronous_commit"] = "off"
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	return pgx.ConnectConfig(ctx, config)
}

// listen hears the wake-ups of the other replicas, over one connection.
func (h *Hub) listen(ctx context.Context) {
	isFailing := false
	for {
		isHeard, err := h.hear(ctx)
		h.heardAt.Store(0)
		if ctx.Err() != nil {
			return
		}
		if isHeard {
			isFailing = false
		}
		if !isFailing { // once, and not ten times a second while the database is away
			h.Log.Warn("the connection that hears of events broke; they are looked for until there is another", "error", h.describe(err))
		}
		if isFailing = true; !pause(ctx, h.Pace.Reconnect) {
			return
		}
	}
}

func (h *Hub) describe(err error) string {
	if errors.Is(err, errUnheard) {
		return err.Error()
	}
	return h.Describe(err)
}

// hear hears until the connection breaks, and says whether something was heard on it.
func (h *Hub) hear(ctx context.Context) (isHeard bool, err error) {
	conn, err := h.connect(ctx, "bankgraph events: listens")
	if err != nil {
		return false, err
	}
	defer h.hangUp(ctx, conn)
	if _, err = conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return false, err
	}
	h.asked.ringAll() // what was told while nobody listened
	h.telling.wake()  // is anything heard?
	for {
		told, err := h.await(ctx, conn)
		if err != nil {
			return isHeard, err
		}
		if told.PID == h.voice.Load() {
			isHeard = true
			h.heardAt.Store(time.Now().UnixNano())
			continue // it is what this replica told the others, and has read already
		}
		if named, all := readHint(told.Payload); all {
			h.asked.ringAll()
		} else {
			h.asked.ringHashes(named)
		}
	}
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

// notify tells the other replicas, at most once in a while, and never in a transaction that does something else: transactions that notify commit one after the other.
func (h *Hub) notify(ctx context.Context) {
	var conn *pgx.Conn
	defer func() { h.hangUp(ctx, conn) }()
	probe := time.NewTicker(h.Pace.Probe)
	defer probe.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-probe.C:
		case <-h.telling.rung:
			if !pause(ctx, h.Pace.Coalesce) { // those who come meanwhile are told of together
				return
			}
		}
		named, all := h.telling.take()
		if conn = h.say(ctx, conn, hint(named, all)); conn == nil && !pause(ctx, h.Pace.Reconnect) {
			return
		}
	}
}

// say tells a hint, and gives the connection for the next; nil when it broke. What was not told is found by the others' poll.
func (h *Hub) say(ctx context.Context, conn *pgx.Conn, hint string) *pgx.Conn {
	if conn == nil {
		var err error
		if conn, err = h.connect(ctx, "bankgraph events: tells"); err != nil {
			return nil
		}
		h.voice.Store(conn.PgConn().PID())
	}
	limit, cancel := context.WithTimeout(ctx, wireTime)
	defer cancel()
	if _, err := conn.Exec(limit, "SELECT pg_notify($1, $2)", channel, hint); err != nil {
		h.hangUp(ctx, conn)
		return nil
	}
	return conn
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
