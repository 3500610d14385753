package events

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"bankgraph/models"
)

// run is the one reader of the replica.
func (h *Hub) run(ctx context.Context) {
	poll := time.NewTicker(h.Pace.Poll)
	defer poll.Stop()
	reads := h.outage("events cannot be read", "events are read again")
	var looked, read time.Time
	for {
		isDue := false
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
			isDue = reads.isFailing || !h.isHearing() || time.Since(looked) >= h.Pace.Check
		case <-h.toRead.changed: // the first event is read at once, and those that come right behind it together
			if !pause(ctx, h.Pace.Coalesce-time.Since(read)) {
				return
			}
		}
		if reads.isFailing && !isDue {
			continue // what a wake-up named is found by the next poll, and not asked for a thousand times before
		}
		named, isAll := h.toRead.take()
		var err error
		if isDue || isAll {
			looked, err = time.Now(), h.look(ctx)
		} else {
			err = h.read(ctx, h.positions(named, false))
		}
		read = time.Now()
		reads.note(ctx, err)
	}
}

// pause is false when it is over before.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// positions are where the named streams stand that somebody here follows, or all.
func (h *Hub) positions(named []uint32, all bool) []models.StreamPosition {
	h.mu.Lock()
	defer h.mu.Unlock()
	var positions []models.StreamPosition
	add := func(name models.Stream, one *stream) {
		if one.position != unknown {
			positions = append(positions, models.StreamPosition{Stream: name, Number: one.position})
		}
	}
	if all {
		for name, one := range h.streams {
			add(name, one)
		}
		return positions
	}
	for _, hash := range named {
		for name := range h.hashes[hash] {
			add(name, h.streams[name])
		}
	}
	return positions
}

// look finds the streams that go further than they were read here, whether somebody told of them or not, and reads these.
func (h *Hub) look(ctx context.Context) error {
	var behind []models.StreamPosition
	for chunk := range slices.Chunk(h.positions(nil, true), mostStreams) {
		moved, err := h.moved(ctx, chunk)
		if err != nil {
			return err
		}
		for _, position := range chunk {
			if head, isMoved := moved[position.Stream]; isMoved {
				if h.expireDiverged(position, head); head.LastNumber > position.Number {
					behind = append(behind, position)
				}
			}
		}
	}
	return h.read(ctx, behind)
}

// moved are the heads of those streams that do not end at these positions.
func (h *Hub) moved(ctx context.Context, ends []models.StreamPosition) (map[models.Stream]models.StreamHead, error) {
	ctx, cancel := context.WithTimeout(ctx, h.Pace.Read)
	defer cancel()
	heads, err := h.Moved(ctx, ends)
	moved := make(map[models.Stream]models.StreamHead, len(heads))
	for _, head := range heads {
		moved[head.Stream] = head
	}
	return moved, err
}

// expireDiverged ends those who can be told no more what comes next, because a stream does not go on from where it was read. What was between may be dropped by now: that is for those whom the hub tells, and
// who read for themselves finds out. Or the stream goes less far than it did: another server took the place of one that had committed more, and its next events have numbers that
// were used before, of which nobody who follows can know.
func (h *Hub) expireDiverged(read models.StreamPosition, head models.StreamHead) {
	isShorter := head.LastNumber < read.Number
	if !isShorter && head.DroppedTo <= read.Number {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	one := h.streams[read.Stream]
	if one == nil {
		return
	}
	if one.position = head.DroppedTo; isShorter {
		one.position = head.LastNumber
	}
	for _, s := range one.followed {
		if isShorter || s.lacks(head.DroppedTo) {
			s.fail(errExpired())
		}
	}
}

// read reads streams from where they stand to their end, and hands on what there is.
func (h *Hub) read(ctx context.Context, positions []models.StreamPosition) error {
	var failures error
	for len(positions) > 0 {
		var full []models.StreamPosition
		for chunk := range slices.Chunk(positions, mostRead) {
			news, err := h.page(ctx, chunk, h.followers(chunk))
			if err != nil {
				failures = errors.Join(failures, err) // the others are read all the same
				continue
			}
			full = append(full, h.deliver(news)...)
		}
		positions = full
	}
	return failures
}

// followers are some of those who are told of some streams by the hub, each once: a user may have many windows.
func (h *Hub) followers(of []models.StreamPosition) []models.Follower {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := map[models.Follower]bool{}
	for _, position := range of {
		one := h.streams[position.Stream]
		if one == nil {
			continue
		}
		for _, s := range one.followed {
			if len(all) == mostFollowers {
				break
			}
			if s.isTold() {
				all[s.who] = true
			}
		}
	}
	return slices.Collect(maps.Keys(all))
}

// page reads the next page of some streams. When it cannot be read with the rights of those who follow, and with what it is about, it is read without: a lock on the rows of one of them must not keep all
// others from what is new.
func (h *Hub) page(ctx context.Context, after []models.StreamPosition, who []models.Follower) (*models.News, error) {
	news, err := h.pageWith(ctx, after, who)
	if err != nil && len(who) > 0 && ctx.Err() == nil {
		return h.pageWith(ctx, after, nil)
	}
	return news, err
}

func (h *Hub) pageWith(ctx context.Context, after []models.StreamPosition, who []models.Follower) (*models.News, error) {
	ctx, cancel := context.WithTimeout(ctx, h.Pace.Read)
	defer cancel()
	return h.Read(ctx, after, who, pageSize)
}

// deliver hands events to those who follow their streams, and says which streams had a full page.
func (h *Hub) deliver(news *models.News) (full []models.StreamPosition) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for found := news.Events; len(found) > 0; {
		name, count := found[0].Stream, 1
		for count < len(found) && found[count].Stream == name {
			count++
		}
		if one := h.streams[name]; one != nil {
			for _, event := range found[:count] {
				h.Watch.Read(max(0, time.Since(event.OccurredAt)))
				one.deliver(event, news.Callers)
			}
			if count >= pageSize {
				full = append(full, models.StreamPosition{Stream: name, Number: one.position})
			}
		}
		found = found[count:]
	}
	return full
}

// deliver hands an event to all who follow the stream.
func (one *stream) deliver(event *models.Event, callers map[models.Login]*models.Caller) {
	if event.Number <= one.position {
		return
	}
	one.position = event.Number
	for _, s := range one.followed {
		s.offer(event, callers[s.who.Login])
	}
}
