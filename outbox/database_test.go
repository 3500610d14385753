package outbox_test

import (
	"strings"
	"testing"
	"time"

	"bankgraph/db/dbtest"
	"bankgraph/models"
	"bankgraph/outbox"
)

func TestAnOutboxOutlivesItsDatabaseAndTellsOfItOnce(t *testing.T) {
	t.Parallel()
	g := newGateway(t, nil)
	o := newOffice(t, dbtest.Seeded(t), outbox.Options{SMS: g.way(t)})
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
	<-time.After(10 * quick) // some more looks
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
