package transfer

import (
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"bankgraph/models"
)

// line is the connection of a transfer. The server's own times are for requests that are small: here the clock begins anew with
// every byte, but for the end of it all.
type line struct {
	control *http.ResponseController
	times   Times
	last    time.Time
	stop    func()

	mu sync.Mutex
}

func newLine(w http.ResponseWriter, e *endpoints) *line {
	l := &line{control: http.NewResponseController(w), times: e.Times, last: time.Now().Add(e.Times.Whole)}
	over := make(chan struct{})
	l.stop = sync.OnceFunc(func() { close(over) })
	if e.Draining != nil {
		go func() {
			select {
			case <-e.Draining:
				l.hurry()
			case <-over:
			}
		}()
	}
	return l
}

// hurry ends the transfer soon.
func (l *line) hurry() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if soon := time.Now().Add(l.times.Grace); soon.Before(l.last) {
		l.last = soon
	}
	_ = l.control.SetReadDeadline(l.next())
}

// next is until when something must happen.
func (l *line) next() time.Time {
	if next := time.Now().Add(l.times.Pause); next.Before(l.last) {
		return next
	}
	return l.last
}

// A connection that cannot be given times is one of a test, or broken; it fails when it is used.
func (l *line) expectRead() {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.control.SetReadDeadline(l.next())
	_ = l.control.SetWriteDeadline(l.last.Add(l.times.Pause)) // for the answer
}

func (l *line) expectWrite() {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.control.SetWriteDeadline(l.next())
}

func (l *line) end() { l.stop() }

// seats are taken while a transfer runs.
type seats struct {
	most Seats

	mu    sync.Mutex
	taken int
	each  map[uuid.UUID]int
}

func newSeats(most Seats) *seats { return &seats{most: most, each: map[uuid.UUID]int{}} }

// take is a seat until it is left.
func (s *seats) take(whose uuid.UUID) (leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken >= s.most.All || s.each[whose] >= s.most.Each {
		return nil, models.Errorf(models.Unavailable, "Too many files are on their way: try again.")
	}
	s.taken++
	s.each[whose]++
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.taken--
		if s.each[whose]--; s.each[whose] == 0 {
			delete(s.each, whose)
		}
	}), nil
}
