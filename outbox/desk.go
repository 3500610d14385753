package outbox

import (
	"context"
	"fmt"
)

// desk lets so many at once be at the database: calls of webhooks, of which many are under way, take their connections from those that requests use. The nil desk lets everybody.
type desk chan struct{}

// at does something when it is its turn, unless ctx ends before.
func (d desk) at(ctx context.Context, do func() error) error {
	if d == nil {
		return do()
	}
	select {
	case d <- struct{}{}:
		defer func() { <-d }()
		return do()
	case <-ctx.Done():
		return fmt.Errorf("wait for others who are at the database: %w", context.Cause(ctx))
	}
}
