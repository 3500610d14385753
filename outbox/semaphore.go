package outbox

import (
	"context"
	"fmt"
)

// semaphore lets so many at once be at the database: calls of webhooks, of which many are under way, take their connections from those that requests use. The nil semaphore lets everybody.
type semaphore chan struct{}

// acquire does something when it is its turn, unless ctx ends before.
func (s semaphore) acquire(ctx context.Context, do func() error) error {
	if s == nil {
		return do()
	}
	select {
	case s <- struct{}{}:
		defer func() { <-s }()
		return do()
	case <-ctx.Done():
		return fmt.Errorf("wait for others who are at the database: %w", context.Cause(ctx))
	}
}
