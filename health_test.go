package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"bankgraph/db"
	"bankgraph/db/dbtest"
)

// probe is what a fresh /readyz says.
func probe(store *db.Store, drain *drain) (int, string) {
	answer := httptest.NewRecorder()
	(&readiness{store: store, drain: drain}).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	return answer.Code, strings.TrimSpace(answer.Body.String())
}

func TestReadyzSaysWhy(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	check := func(status int, text string) {
		t.Helper()
		if gotStatus, gotText := probe(store, newDrain()); gotStatus != status || gotText != text {
			t.Errorf("%d %s instead of %d %s", gotStatus, gotText, status, text)
		}
	}
	execute := func(statement string) {
		t.Helper()
		if _, err := store.Pool().Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	check(http.StatusOK, "ready")
	execute("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)")
	check(http.StatusOK, "ready") // a newer program was here
	execute("DELETE FROM goose_db_version WHERE version_id = 7")
	check(http.StatusServiceUnavailable, "migrations are missing")
	execute("DROP TABLE goose_db_version")
	check(http.StatusServiceUnavailable, "migrations are missing")
	drain := newDrain()
	drain.start(0)
	if status, text := probe(store, drain); status != http.StatusServiceUnavailable || text != "draining" {
		t.Errorf("%d %s", status, text)
	}
	store.Close()
	check(http.StatusServiceUnavailable, "the database does not answer")
}

func TestProbesAreCheap(t *testing.T) {
	t.Parallel()
	var count dbtest.Counter
	store := dbtest.Seeded(t, &count)
	ready := &readiness{store: store, drain: newDrain()}
	for range 100 {
		ready.look(t.Context())
	}
	// A busy machine may take longer than an answer is good for.
	if sent := count.Statements.Load(); sent > 50 {
		t.Errorf("100 probes sent %d statements", sent)
	}
}

func TestTheEndBeginsWithAWord(t *testing.T) {
	t.Parallel()
	drain := newDrain()
	handler := drain.closing(http.NotFoundHandler())
	header := func() string {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", nil))
		return answer.Header().Get("Connection")
	}
	if header() != "" || drain.isDraining() {
		t.Error("it drains already")
	}
	called := 0
	drain.onDrain(func() { called++ })
	drain.start(0)
	<-drain.ending
	if header() != "close" || !drain.isDraining() || called != 1 {
		t.Errorf("connections are told %q, and the hook was called %d times", header(), called)
	}
}
