package events

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// channel is where the replicas wake each other. The channels of one database are not those of another.
const channel = "bankgraph_events"

// wireTime is how long it may take to connect or to say something.
const wireTime = 5 * time.Second

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

// pause waits before a connection is made again; false when it is over.
func (h *Hub) pause(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(h.Pace.Reconnect):
		return true
	}
}

// listen hears the wake-ups of the other replicas, over one connection.
func (h *Hub) listen(ctx context.Context) {
	isFailing := false
	for {
		isHeard, err := h.hear(ctx)
		if ctx.Err() != nil {
			return
		}
		if isHeard {
			isFailing = false
		}
		if !isFailing { // once, and not ten times a second while the database is away
			h.Log.Warn("the connection that hears of events broke; they are looked for until there is another", "error", h.Describe(err))
		}
		if isFailing = true; !h.pause(ctx) {
			return
		}
	}
}

// hear hears until the connection breaks, and says whether there was one.
func (h *Hub) hear(ctx context.Context) (isHeard bool, err error) {
	conn, err := h.connect(ctx, "bankgraph events: listens")
	if err != nil {
		return false, err
	}
	defer h.hangUp(ctx, conn)
	if _, err = conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return false, err
	}
	h.local.ringAll() // what was told while nobody listened
	for {
		told, err := conn.WaitForNotification(ctx)
		if err != nil {
			return true, err
		}
		if told.PID == h.telling.Load() {
			continue // it is what this replica told the others, and has read already
		}
		if named, all := readHint(told.Payload); all {
			h.local.ringAll()
		} else {
			h.local.ringHashes(named)
		}
	}
}

// notify tells the other replicas, at most once in a while, and never in a transaction that does something else: transactions that notify commit one after the other.
func (h *Hub) notify(ctx context.Context) {
	var conn *pgx.Conn
	defer func() { h.hangUp(ctx, conn) }()
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.remote.rung:
		}
		select { // those who come meanwhile are told of together
		case <-ctx.Done():
			return
		case <-time.After(h.Pace.Coalesce):
		}
		named, all := h.remote.take()
		if len(named) == 0 && !all {
			continue
		}
		if conn = h.say(ctx, conn, hint(named, all)); conn == nil && !h.pause(ctx) {
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
		h.telling.Store(conn.PgConn().PID())
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
