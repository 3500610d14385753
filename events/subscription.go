package events

import (
	"context"
	"sync"
	"time"

	"bankgraph/models"
)

// Subscription is somebody who follows a stream.
type Subscription struct {
	hub   *Hub
	who   models.Follower
	turn  int // in which they hear that nothing happened
	ended func()

	news chan struct{} // something changed under mu

	// These belong to whoever calls Next.
	last int             // the number of what was given last
	page []*models.Event // what was read and not given yet

	mu        sync.Mutex // after the hub's own
	isBehind  bool       // it reads for itself, and takes nothing from the hub
	joined    int        // the number behind which it takes what the hub has
	queue     []*models.Event
	beat      *models.Snapshot // a heartbeat that waits for them, with their rights
	fullSince time.Time        // since when the queue is full, zero when it is not
	refusal   *models.Error
}

// Subscribe has somebody follow their stream from what came after a number, or from now when there is none. Refusals: CursorExpired (what came after the number is kept no
// longer, or the stream does not go so far), Unavailable. Who subscribes must Close.
func (h *Hub) Subscribe(ctx context.Context, who models.Follower, after *int) (*Subscription, error) {
	if h == nil {
		return nil, models.Errorf(models.Unavailable, "This server has no news.")
	}
	s := &Subscription{hub: h, who: who, isBehind: true, news: make(chan struct{}, 1)}
	if err := h.follow(s); err != nil {
		return nil, err
	}
	if err := h.place(ctx, s, after); err != nil {
		h.leave(s)
		return nil, err
	}
	s.ended = h.Watch.Subscribed()
	return s, nil
}

// place finds out from where a subscriber follows.
func (h *Hub) place(ctx context.Context, s *Subscription, after *int) error {
	var head models.StreamHead
	if err := h.apart(ctx, func() error {
		ctx, cancel := context.WithTimeout(ctx, h.Pace.Read)
		defer cancel()
		heads, err := h.Heads(ctx, []models.Stream{s.who.Stream})
		if err == nil {
			head = heads[0]
		}
		return err
	}); err != nil {
		return err
	}
	s.last = head.LastNumber
	if after != nil {
		s.last = *after
	}
	switch {
	case s.last > head.LastNumber, s.last < head.DroppedTo:
		return errExpired()
	}
	h.mu.Lock()
	if one := h.streams[s.who.Stream]; one.position == unknown {
		one.position = head.LastNumber
	}
	h.mu.Unlock()
	s.join()
	return nil
}

// errExpired is what somebody is told who was away for longer than events are kept, or whose cursor is ahead of the stream: the database lost what it had told, or the cursor was made up.
func errExpired() *models.Error {
	return models.Errorf(models.CursorExpired, "What came after this cursor is not known any more: read anew what there is, with eventHeads in the same request, and follow from there.")
}

// Close ends it. What Next returns after that is not to be counted on.
func (s *Subscription) Close() {
	s.hub.leave(s)
	s.ended()
}

// Next waits for the next event. In its place a heartbeat comes from time to time, whose number is that of the last event, also when its reader did not want that one. Refusals: SlowConsumer,
// CursorExpired, Unavailable: what was queued before comes first, and then no more. One goroutine at a time may call it.
func (s *Subscription) Next(ctx context.Context) (*models.Event, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if beat := s.takeBeat(); beat != nil {
			return beat, nil
		}
		event, isWaiting, err := s.next(ctx)
		if err != nil {
			s.dropped(ctx, err)
			return nil, err
		}
		if event != nil && event.Number > s.last+1 { // what was between was swept before it could be read
			err := errExpired()
			s.dropped(ctx, err)
			return nil, err
		}
		if event != nil && event.Number > s.last {
			s.last = event.Number
			s.hub.Watch.Delivered()
			return event, nil
		}
		if !isWaiting {
			continue
		}
		select {
		case <-ctx.Done():
		case <-s.news:
		}
	}
}

// takeBeat is the heartbeat that waits, nil for none.
func (s *Subscription) takeBeat() *models.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.beat == nil {
		return nil
	}
	beat := &models.Event{Stream: s.who.Stream, Number: s.last, Kind: models.EventKindHeartbeat, OccurredAt: s.beat.At.UTC(), Snapshot: s.beat}
	s.beat = nil
	return beat
}

// next is an event that is there already; isWaiting says that there is none.
func (s *Subscription) next(ctx context.Context) (event *models.Event, isWaiting bool, err error) {
	if len(s.page) > 0 {
		event, s.page[0] = s.page[0], nil
		s.page = s.page[1:]
		return event, false, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case len(s.queue) > 0:
		event = s.queue[0]
		s.queue[0] = nil // whoever hears nothing for hours holds nothing
		s.queue = s.queue[1:]
		s.fullSince = time.Time{}
		return event, false, nil
	case s.refusal != nil:
		return nil, false, s.refusal
	case !s.isBehind:
		return nil, true, nil
	}
	s.mu.Unlock()
	isNear, err := s.catchUp(ctx)
	s.mu.Lock()
	return nil, isNear, err
}

// catchUp reads what the hub has read already, and joins those who are told of the rest when nothing is left. Whoever reads for themselves is as slow as they
// like: nothing of it is in memory but a page.
func (s *Subscription) catchUp(ctx context.Context) (isNear bool, err error) {
	if s.join() {
		return true, nil
	}
	err = s.hub.apart(ctx, func() error {
		news, err := s.hub.page(ctx, []models.StreamPosition{{Stream: s.who.Stream, Number: s.last}}, []models.Follower{s.who})
		if err != nil {
			return err
		}
		for _, event := range news.Events {
			s.page = append(s.page, event.To(news.Callers[s.who.Login]))
		}
		return nil
	})
	if code := models.CodeOf(err); err != nil && (code == models.Timeout || code == models.Unavailable) && pause(ctx, s.hub.Pace.Poll) {
		return false, nil // the database has no time; if all gave up who are behind, all would come back at once
	}
	if err == nil && len(s.page) == 0 && !s.join() {
		// The hub has read further, and those events are gone by now.
		err = errExpired()
	}
	return false, err
}

// join says that the subscriber has all that the hub has read: from now on the hub tells them.
func (s *Subscription) join() bool {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.hub.streams[s.who.Stream]
	if one == nil || s.last < one.position {
		return false
	}
	s.isBehind, s.joined = false, s.last
	return true
}

// offer gives an event to somebody who keeps up. The hub calls it, and holds its lock. A queue that is full for a moment is no slow reader: a page is larger than the queue.
// They read the rest themselves; only who takes nothing at all for a while is dropped.
func (s *Subscription) offer(event *models.Event, caller *models.Caller) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.refusal != nil:
		return
	case len(s.queue) >= queueSize && s.fullSince.IsZero():
		s.fullSince, s.isBehind = time.Now(), true
	case len(s.queue) >= queueSize && time.Since(s.fullSince) > s.hub.Pace.Patience:
		s.refusal = models.Errorf(models.SlowConsumer, "Events come faster than they are read: subscribe again after the last cursor.")
	case s.isBehind:
	case len(s.queue) >= queuedSnapshots:
		s.queue = append(s.queue, event.To(nil))
	default:
		s.queue = append(s.queue, event.To(caller))
	}
	s.wake()
}

// takesBeat says that no heartbeat waits for them. The hub calls it, and holds its lock.
func (s *Subscription) takesBeat() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.beat == nil && s.refusal == nil
}

// offerBeat has a heartbeat wait for them.
func (s *Subscription) offerBeat(snapshot *models.Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.beat = snapshot
	s.wake()
}

// isTold says that the hub tells them. The hub calls it, and holds its lock.
func (s *Subscription) isTold() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.isBehind && s.refusal == nil
}

// lacks says that the hub tells them, and that they began below a number.
func (s *Subscription) lacks(number int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.isBehind && s.joined < number
}

// fail ends a subscription, once its queue is read.
func (s *Subscription) fail(refusal *models.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refusal == nil {
		s.refusal = refusal
	}
	s.wake()
}

func (s *Subscription) wake() {
	select {
	case s.news <- struct{}{}:
	default:
	}
}

// dropped counts a subscriber who is told no more.
func (s *Subscription) dropped(ctx context.Context, err error) {
	if ctx.Err() == nil {
		s.hub.Watch.Dropped(models.CodeOf(err))
	}
}
