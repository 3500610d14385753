package auth

import (
	"context"
	"sync"

	"bankgraph/models"
)

type standingKey struct{}

// Standing is what must hold as long as something goes on: a subscription begins under rules, and what they ask for can be taken from the caller at any time.
type Standing struct {
	mu    sync.Mutex
	rules []func(context.Context) error
}

// WithStanding is a context in which Keep and KeepSomewhere note what must hold.
func WithStanding(ctx context.Context) (context.Context, *Standing) {
	standing := &Standing{}
	return context.WithValue(ctx, standingKey{}, standing), standing
}

// Keep is Allow, now and for as long as what begins here goes on.
func Keep(ctx context.Context, rule Rule, ref models.Ref) error {
	return keep(ctx, func(ctx context.Context) error { return rule.Allow(ctx, ref) })
}

// KeepSomewhere is AllowSomewhere in the same way.
func KeepSomewhere(ctx context.Context, rule Rule) error { return keep(ctx, rule.AllowSomewhere) }

func keep(ctx context.Context, rule func(context.Context) error) error {
	if err := rule(ctx); err != nil {
		return err
	}
	if standing, ok := ctx.Value(standingKey{}).(*Standing); ok {
		standing.mu.Lock()
		defer standing.mu.Unlock()
		standing.rules = append(standing.rules, rule)
	}
	return nil
}

// Allow is nil when all that was kept still holds for the caller of ctx.
func (s *Standing) Allow(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, rule := range s.rules {
		if err := rule(ctx); err != nil {
			return err
		}
	}
	return nil
}
