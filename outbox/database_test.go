package outbox_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"bankgraph/db/dbtest"
	"bankgraph/models"
	"bankgraph/outbox"
)

// looks counts those in vain: statements that take messages, and fail.
type looks struct{ failed atomic.Int64 }

type isLook struct{}

// TraceQueryStart sees a statement begin.
func (*looks) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	return context.WithValue(ctx, isLook{}, strings.Contains(data.SQL, "SET attempts = attempts + 1"))
}

// TraceQueryEnd sees it end.
func (l *looks) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	if is, _ := ctx.Value(isLook{}).(bool); is && data.Err != nil {
		l.failed.Add(1)
	}
}

func TestAnOutboxOutlivesItsDatabaseAndTellsOfItOnce(t *testing.T) {
	t.Parallel()
	g := newGateway(t, nil)
	vain := &looks{}
	o := newOffice(t, dbtest.Seeded(t, vain), outbox.Options{SMS: g.way(t)})
	beside := dbtest.Beside(t, o.store)
	o.start(t)
	o.becomes(t, o.written(t), delivered)
	// A table that is not there fails like a database that is not, and comes back when it should.
	for _, change := range []string{"ALTER TABLE outbox_message RENAME TO away", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"} {
		if _, err := beside.Pool().Exec(t.Context(), change); err != nil {
			t.Fatal(err)
		}
	}
	const told = "left until the database is there"
	eventually(t, func() bool { return strings.Contains(o.log.String(), told) })
	before := vain.failed.Load()
	eventually(t, func() bool { return vain.failed.Load() >= before+10 })
	for _, conn := range o.store.Pool().AcquireAllIdle(t.Context()) { // those that were ended and not used since: one that is found later is another failure, told of for good reason
		_ = conn.Ping(t.Context())
		conn.Release()
	}
	if _, err := beside.Pool().Exec(t.Context(), "ALTER TABLE away RENAME TO outbox_message"); err != nil {
		t.Fatal(err)
	}
	observer := office{o.Outbox, beside, o.log} // connections of the other store may be those that were ended
	observer.becomes(t, observer.written(t), delivered)
	if n := strings.Count(o.log.String(), told); n != 1 {
		t.Errorf("it is told %d times", n)
	}
}

// written is a message that was written.
func (o office) written(t *testing.T) *models.OutboxMessage {
	t.Helper()
	message := o.message(t, codeSMS)
	o.write(t, message)
	return message
}
