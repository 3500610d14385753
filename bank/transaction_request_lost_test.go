package bank_test

import (
	"bytes"
	"sync/atomic"
	"testing"

	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/ledger"
	"bankgraph/models"
)

// losing stands between a server and its database, and loses so many answers to commits as it is told to.
type losing struct {
	left, lost atomic.Int32
}

// between is the bank of another server, which reaches the database by way of it.
func (l *losing) between(h till) till {
	h.t.Helper()
	store, err := db.Open(h.t.Context(), dbtest.NewProxy(h.t, l.traffic).Aim(h.t, h.store.Pool().Config().ConnString()), db.Options{})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(store.Close)
	books := ledger.New(store.Pool(), ledger.Options{Explain: db.Known})
	h.t.Cleanup(books.Close)
	return till{house{bank.New(store).WithLedger(books), store}, h.t, books}
}

func (l *losing) traffic() dbtest.Traffic {
	return dbtest.Traffic{ToClient: dbtest.While(func(said []byte) bool {
		if bytes.Contains(said, []byte("COMMIT\x00")) && l.left.Load() > 0 {
			l.left.Add(-1)
			l.lost.Add(1)
			return false
		}
		return true
	})}
}

// TestAStepWhoseAnswerIsLostIsDoneOnce loses the answer to the commit of each step of a request, also of those that move no money.
func TestAStepWhoseAnswerIsLostIsDoneOnce(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	l := &losing{}
	far := l.between(h)
	anna, ben := h.open(firstBank, "EUR", "10000"), h.open(firstBank, "EUR", "0")
	complete := far.complete
	cancel := func(request *models.TransactionRequest) (*models.TransactionRequest, error) {
		return far.end(request, models.TransactionRequestStatusCancelled, "TAKEN_BACK")
	}
	for name, c := range map[string]struct {
		in   models.CreateTransactionRequestInput
		step func(*models.TransactionRequest) (*models.TransactionRequest, error)
		want models.TransactionRequestStatus
	}{
		"one that waits for its day":        {pay(anna, ben, "1000", inDays(2)), complete, models.TransactionRequestStatusPending},
		"one that is paid":                  {pay(anna, ben, "1000"), complete, models.TransactionRequestStatusCompleted},
		"one that is taken back":            {pay(anna, ben, "1000"), cancel, models.TransactionRequestStatusCancelled},
		"one of which nothing was reserved": {pay(anna, ben, "1", inDays(2)), cancel, models.TransactionRequestStatusCancelled},
	} {
		request := h.must(c.in)
		l.left.Store(1)
		stands, err := c.step(request)
		l.left.Store(0)
		if err != nil || stands.Status != c.want || stands.EventCount != 2 {
			t.Errorf("%s: %+v %v", name, stands, err)
		}
		if _, err := c.step(request); models.CodeOf(err) != models.InvalidState { // somebody else who comes later is told so
			t.Errorf("%s, again: %v", name, err)
		}
	}
	if l.lost.Load() != 4 {
		t.Errorf("%d answers were lost", l.lost.Load())
	}
}
