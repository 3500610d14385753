package outbox

import (
	"sync"
	"time"

	"github.com/google/uuid"
)

// failureLog knows which webhooks fail, so that the log has a line when one begins to and one when it is over, and not one for each call: whoever owns the receiver would write the log. One that fails
// now and then is told of once in a while; one that fails for good is told of, at the latest when that while is over.
type failureLog struct {
	mu      sync.Mutex
	failing map[uuid.UUID]failing   // the webhooks that fail
	told    map[uuid.UUID]time.Time // when it was told last of a webhook that it began to fail
	cleared time.Time               // when what matters no more was forgotten last
}

// failing is a webhook that fails.
type failing struct {
	last   time.Time // when it failed last
	isTold bool      // whether the log says that it does
}

const (
	// untilTold is how long after one failure of a webhook another is told, when it took messages between the two.
	untilTold = time.Minute
	// untilForgotten is how long after its last failure a webhook counts as failing that took nothing since: it is called no more, since it was disabled or removed, or nothing happens at its bank.
	untilForgotten = time.Hour
)

// begins notes that a call of a webhook failed, and says whether that is to be told.
func (l *failureLog) begins(hook uuid.UUID, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failing == nil {
		l.failing, l.told = map[uuid.UUID]failing{}, map[uuid.UUID]time.Time{}
	}
	l.forget(now)
	is := l.failing[hook]
	told, wasTold := l.told[hook]
	isNews := !is.isTold && (!wasTold || now.Sub(told) >= untilTold)
	if isNews {
		l.told[hook] = now
	}
	l.failing[hook] = failing{now, is.isTold || isNews}
	return isNews
}

// forget drops what matters no more, now and then.
func (l *failureLog) forget(now time.Time) {
	if now.Sub(l.cleared) < untilTold {
		return
	}
	l.cleared = now
	for hook, at := range l.told {
		if now.Sub(at) >= untilTold {
			delete(l.told, hook)
		}
	}
	for hook, is := range l.failing {
		if now.Sub(is.last) >= untilForgotten {
			delete(l.failing, hook)
		}
	}
}

// ends notes that a webhook took a message, or is called no more, and says whether it was told that it failed.
func (l *failureLog) ends(hook uuid.UUID) (wasTold bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	wasTold = l.failing[hook].isTold
	delete(l.failing, hook)
	return wasTold
}
