package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"bankgraph/bank"
	"bankgraph/files/transfer"
)

// chore is what every replica does now and then. None is done twice: what one of them is at, the others leave.
type chore struct {
	every time.Duration
	do    func(context.Context) error
	left  string // what the log says when it could not be done
}

func (c *ServeCommand) chores(verbs *bank.Bank) []chore {
	return []chore{
		{5 * time.Second, verbs.SweepChallenges, "challenges that nobody answered are left for the next time"},
		// A payment of a day is made in its first minute.
		{30 * time.Second, func(ctx context.Context) error { _, err := verbs.PayDue(ctx); return err }, "what waits for its day is left for the next time"},
		{time.Hour, verbs.SweepKeys, "idempotency keys that are too old are left for the next time"},
		{time.Minute, func(ctx context.Context) error { return verbs.SweepNews(ctx, c.Events.Kept) }, "events that are kept no longer are left for the next time"},
		{10 * time.Minute, func(ctx context.Context) error { return verbs.SweepKycFiles(ctx, bank.SweepAge) }, "what uploads have left is not cleared away"},
	}
}

// keep does chores, each at once and then now and then, until it is told to stop, which waits for what is under way.
func keep(ctx context.Context, chores []chore, log *slog.Logger) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	for _, one := range chores {
		all.Go(func() { one.keep(ctx, log) })
	}
	return func() { cancel(); all.Wait() }
}

func (c chore) keep(ctx context.Context, log *slog.Logger) {
	again := time.NewTicker(c.every)
	defer again.Stop()
	for {
		if err := c.do(ctx); err != nil && ctx.Err() == nil {
			log.Warn(c.left, "error", transfer.Fault(err))
		}
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}
