// Package events brings news to those who follow them: in this process those who have subscribed, and by a wake-up the other replicas.
//
// What always holds: the rows are the truth, and a wake-up is only a hint. An event is delivered since it was read, after the number that was read before it; what no
// wake-up told of is found by the poll, so that a connection that breaks costs milliseconds and never an event. Numbers of a stream have no gaps, so that one that is
// missing is noticed. A reader who is slow keeps at most a queue of events in memory, and slows nobody.
//
// A wake-up names its streams, by short hashes: without them each replica would read all the streams that somebody follows a few milliseconds after every
// payment, a thousand for a thousand subscribers, and with them it reads the one or two that have something. A hash that two streams share costs a read that finds nothing.
package events

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"bankgraph/models"
)

const (
	// pageSize is how many events of a stream are read at once.
	pageSize = 100
	// queueSize is how many events a subscriber has waiting in memory, and queuedSnapshots how many of them with what was read with them: when the others have their turn that is too old.
	queueSize, queuedSnapshots = 64, 4
	// mostStreams is of how many streams a statement says where they stand, and mostRead of how many the events are read at once, with what they are about.
	mostStreams, mostRead = 1000, 100
	// mostFollowers is of how many followers the rights are read together with the events of their streams. When more follow, the rights of the others are read when they are told: all others wait for
	// a read, and that of the rights of a thousand takes a tenth of a second.
	mostFollowers = 200
	// catchUpsAtOnce is how many subscribers read for themselves at the same time: after a deployment thousands come back at once, and payments need connections of the same pool.
	catchUpsAtOnce = 4
)

// Pace is how long things take. The zero Pace is the usual one.
type Pace struct {
	Poll      time.Duration // how often all streams that somebody follows are looked at while no wake-ups arrive
	Check     time.Duration // the same while they do
	Probe     time.Duration // how often a replica wakes itself, to know whether they do
	Beat      time.Duration // how often a subscriber hears that nothing happened
	Coalesce  time.Duration // how long wake-ups are collected before the other replicas are told
	Reconnect time.Duration // the pause before a connection is made again
	Patience  time.Duration // how long a queue may stay full
	Read      time.Duration // how long one read may take
}

var usual = Pace{
	Poll: 250 * time.Millisecond, Check: time.Second, Probe: 5 * time.Second, Beat: 20 * time.Second, Coalesce: 5 * time.Millisecond, Reconnect: 100 * time.Millisecond, Patience: 5 * time.Second, Read: 10 * time.Second,
}

// Watch is told what happens; each of its functions may be nil.
type Watch struct {
	Subscribed func() (ended func())   // each subscriber
	Read       func(lag time.Duration) // each event that is read for who follows its stream, and how old it is by then
	Delivered  func()                  // each event that a subscriber is given
	Dropped    func(code models.Code)  // each subscriber who is told no more, and why
}

// Options are what a hub is made of.
type Options struct {
	// Read reads the events after these positions, at most so many of each stream, in order of stream and number, with the rights of those who follow.
	Read func(ctx context.Context, after []models.StreamPosition, who []models.Follower, most int) (*models.News, error)
	// Heads says where streams stand; those that have no row yet are at 0.
	Heads func(ctx context.Context, streams []models.Stream) ([]models.StreamHead, error)
	// Moved is the same of those streams that do not end at these positions.
	Moved func(ctx context.Context, ends []models.StreamPosition) ([]models.StreamHead, error)
	// Rights reads the rights of those who follow; who is not found is left out.
	Rights func(ctx context.Context, who []models.Login) (map[models.Login]*models.Caller, error)
	// Listen is the database whose wake-ups are heard and given; empty to poll only.
	Listen   string
	Log      *slog.Logger       // nil for none
	Describe func(error) string // what a log may have of an error
	Watch    Watch
	Pace     Pace
}

// Hub is where the news of a replica come together. The nil Hub has none.
type Hub struct {
	Options

	toRead, toNotify *pending                  // what is to be read here, and what the others are to be told
	reading          *semaphore.Weighted       // who reads for themselves
	notifierPID      atomic.Uint32             // the server's process behind the connection that tells the others; 0 when there is none
	heardAt          atomic.Pointer[time.Time] // when what it told was heard here; nil when nobody listens

	mu      sync.Mutex
	streams map[models.Stream]*stream
	hashes  map[uint32]map[models.Stream]bool // the same streams by their hashes
	turn    int                               // of those who hear that nothing happened
	came    int                               // how many there were who followed
	isOver  bool
}

// stream is a stream that somebody here follows.
type stream struct {
	position int // the number up to which it was read; unknown before the first subscriber knows the head
	followed []*Subscription
}

const unknown = -1

// New is a Hub. It reads nothing before it is started.
func New(o Options) *Hub {
	for _, one := range []struct{ chosen, usual *time.Duration }{
		{&o.Pace.Poll, &usual.Poll},
		{&o.Pace.Check, &usual.Check},
		{&o.Pace.Probe, &usual.Probe},
		{&o.Pace.Beat, &usual.Beat},
		{&o.Pace.Coalesce, &usual.Coalesce},
		{&o.Pace.Reconnect, &usual.Reconnect},
		{&o.Pace.Patience, &usual.Patience},
		{&o.Pace.Read, &usual.Read},
	} {
		if *one.chosen == 0 {
			*one.chosen = *one.usual
		}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Describe == nil {
		o.Describe = func(error) string { return "" }
	}
	if o.Watch.Subscribed == nil {
		o.Watch.Subscribed = func() func() { return func() {} }
	}
	if o.Watch.Read == nil {
		o.Watch.Read = func(time.Duration) {}
	}
	if o.Watch.Delivered == nil {
		o.Watch.Delivered = func() {}
	}
	if o.Watch.Dropped == nil {
		o.Watch.Dropped = func(models.Code) {}
	}
	return &Hub{Options: o, toRead: newPending(), toNotify: newPending(), reading: semaphore.NewWeighted(catchUpsAtOnce), streams: map[models.Stream]*stream{}, hashes: map[uint32]map[models.Stream]bool{}}
}

// Wake says that events of these streams were committed. It never waits. A wake-up that is lost, or given before the commit, costs the time to the next poll.
func (h *Hub) Wake(streams ...models.Stream) {
	if h == nil || len(streams) == 0 {
		return
	}
	hashes := hashesOf(streams)
	h.heard(hashes)
	if h.Listen != "" {
		h.toNotify.add(hashes)
	}
}

// heard has the streams with these hashes read, when somebody here follows one. A replica hears of all events, and most are of nobody who follows here: for them its reader sleeps on. Whoever
// begins to follow meanwhile learns of them by the head of the stream.
func (h *Hub) heard(hashes []uint32) {
	h.mu.Lock()
	isFollowed := slices.ContainsFunc(hashes, func(hash uint32) bool { return h.hashes[hash] != nil })
	h.mu.Unlock()
	if isFollowed {
		h.toRead.add(hashes)
	}
}

// Start reads, listens and tells until stop is called, which ends all subscriptions and waits for what is under way.
func (h *Hub) Start(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	all.Go(func() { h.run(ctx) })
	all.Go(func() { h.beats(ctx) })
	if h.Listen != "" {
		all.Go(func() { h.listen(ctx) })
		all.Go(func() { h.notify(ctx) })
	}
	return func() { cancel(); all.Wait(); h.close() }
}

// close ends what still follows: a replica that stops brings no news.
func (h *Hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.isOver = true
	for _, one := range h.streams {
		for _, s := range one.followed {
			s.fail(errStopping())
		}
	}
}

func errStopping() *models.Error {
	return models.Errorf(models.Unavailable, "The server is about to stop: subscribe again.")
}

// apart reads for one subscriber, a few at a time; the others wait, and take no connection meanwhile.
func (h *Hub) apart(ctx context.Context, read func() error) error {
	if err := h.reading.Acquire(ctx, 1); err != nil {
		return err
	}
	defer h.reading.Release(1)
	return read()
}

// follow adds a subscriber before anything is read for them, so that nothing can pass between the two.
func (h *Hub) follow(s *Subscription) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.isOver {
		return errStopping()
	}
	one := h.streams[s.who.Stream]
	if one == nil {
		one = &stream{position: unknown}
		h.streams[s.who.Stream] = one
		hash := hashOf(s.who.Stream)
		if h.hashes[hash] == nil {
			h.hashes[hash] = map[models.Stream]bool{}
		}
		h.hashes[hash][s.who.Stream] = true
	}
	one.followed = append(one.followed, s)
	s.turn = (h.turn + turns/2 + h.came%(turns/2)) % turns // their first is about half a Beat away, or more
	h.came++
	return nil
}

// leave removes a subscriber.
func (h *Hub) leave(s *Subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	one := h.streams[s.who.Stream]
	if one == nil {
		return
	}
	one.followed = slices.DeleteFunc(one.followed, func(other *Subscription) bool { return other == s })
	if len(one.followed) > 0 {
		return
	}
	delete(h.streams, s.who.Stream)
	hash := hashOf(s.who.Stream)
	if delete(h.hashes[hash], s.who.Stream); len(h.hashes[hash]) == 0 {
		delete(h.hashes, hash)
	}
}
