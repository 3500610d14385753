package events

import (
	"context"
	"maps"
	"slices"
	"time"

	"bankgraph/models"
)

// turns is in how many turns those who follow are told that nothing happened. Those who came together do not have theirs together: a thousand who come back after a deployment would cost a second of
// the processor each time. And it is few enough that the rights of many are read in one go.
const turns = 20

// beats tells those who follow that nothing happened, each once in a Beat. One turn comes after the other: a database that is slow makes them rarer.
func (h *Hub) beats(ctx context.Context) {
	next := time.NewTicker(h.Pace.Beat / turns)
	defer next.Stop()
	rights := h.outage("the rights of those who follow cannot be read: they hear of no heartbeat", "the rights of those who follow are read again")
	for turn := 0; ; turn = (turn + 1) % turns {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
			for some := range slices.Chunk(h.whoseTurn(turn), mostFollowers) {
				rights.note(ctx, h.beat(ctx, some))
			}
		}
	}
}

// whoseTurn are those who are told in a turn. Who has not taken the last heartbeat is told no second one.
func (h *Hub) whoseTurn(turn int) (due []*Subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.turn = turn
	for _, one := range h.streams {
		for _, s := range one.followed {
			if s.turn == turn && s.takesBeat() {
				due = append(due, s)
			}
		}
	}
	return due
}

// beat tells some that nothing happened, with what they hold by now: who may follow no more is told that instead. When it cannot be read nobody is told, and nobody is sent away.
func (h *Hub) beat(ctx context.Context, some []*Subscription) error {
	ctx, cancel := context.WithTimeout(ctx, h.Pace.Read)
	defer cancel()
	who := map[models.Login]bool{}
	for _, s := range some {
		who[s.who.Login] = true
	}
	at := time.Now()
	callers, err := h.Rights(ctx, slices.Collect(maps.Keys(who)))
	if err != nil {
		return err
	}
	for _, s := range some {
		s.offerBeat(&models.Snapshot{At: at, Caller: callers[s.who.Login]})
	}
	return nil
}
