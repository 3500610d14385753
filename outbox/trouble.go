package outbox

import (
	"sync"
	"time"

	"github.com/google/uuid"
)

// trouble knows which webhooks fail, so that the log has a line when one begins to and one when it is over, and not one for each call: whoever owns the receiver would write the log. One that fails
// now and then is told of once in a while.
type trouble struct {
	mu      sync.Mutex
	failing map[uuid.UUID]bool      // the webhooks that fail, and whether that was told
	told    map[uuid.UUID]time.Time // when it was told last of a webhook that it began to fail
}

// untilTold is how long after one failure of a webhook another is told, when it took messages between the two.
const untilTold = time.Minute

// begins notes that a call of a webhook failed, and says whether that is to be told.
func (t *trouble) begins(hook uuid.UUID, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, isKnown := t.failing[hook]; isKnown {
		return false
	}
	if t.failing == nil {
		t.failing, t.told = map[uuid.UUID]bool{}, map[uuid.UUID]time.Time{}
	}
	for other, at := range t.told { // none is kept for longer than it matters
		if now.Sub(at) >= untilTold {
			delete(t.told, other)
		}
	}
	_, wasTold := t.told[hook]
	t.failing[hook] = !wasTold
	if !wasTold {
		t.told[hook] = now
	}
	return !wasTold
}

// ends notes that a webhook took a message, or is called no more, and says whether it was told that it failed.
func (t *trouble) ends(hook uuid.UUID) (wasTold bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	wasTold = t.failing[hook]
	delete(t.failing, hook)
	return wasTold
}
