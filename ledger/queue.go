package ledger

import (
	"slices"
	"sync"
)

// queue has the orders that wait, in the order in which they came.
type queue struct {
	most int

	mutex    sync.Mutex
	changed  sync.Cond
	waiting  []*item
	isClosed bool
}

func newQueue(most int) *queue {
	q := &queue{most: most}
	q.changed.L = &q.mutex
	return q
}

// put adds an order, or refuses it for want of room.
func (q *queue) put(i *item) error {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if q.isClosed || len(q.waiting) >= q.most {
		return busy()
	}
	q.waiting = append(q.waiting, i)
	q.changed.Signal()
	return nil
}

// withdraw takes an order back; false when its turn has come already.
func (q *queue) withdraw(i *item) bool {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	at := slices.Index(q.waiting, i)
	if at < 0 {
		return false
	}
	q.waiting = slices.Delete(q.waiting, at, at+1)
	return true
}

// take is what waits, as far as it fits into a batch; it waits for the first order and for no other. Orders with the same key do not go
// together: the later ones wait for the next batch. It is nil when the queue is closed and empty.
func (q *queue) take() []*item {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	for len(q.waiting) == 0 {
		if q.isClosed {
			return nil
		}
		q.changed.Wait()
	}
	batch, later := make([]*item, 0, min(maxBatch, len(q.waiting))), q.waiting[:0]
	keys := map[string]bool{}
	for at, i := range q.waiting {
		if len(batch) == maxBatch {
			later = append(later, q.waiting[at:]...)
			break
		}
		if keys[i.order.Key] {
			later = append(later, i)
			continue
		}
		if i.order.Key != "" {
			keys[i.order.Key] = true
		}
		batch = append(batch, i)
	}
	clear(q.waiting[len(later):])
	if q.waiting = later; len(later) > 0 {
		q.changed.Signal() // the order that woke this worker is not the only one
	}
	return batch
}

func (q *queue) length() int {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	return len(q.waiting)
}

func (q *queue) close() {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	q.isClosed = true
	q.changed.Broadcast()
}
