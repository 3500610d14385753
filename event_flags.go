package main

import (
	"errors"
	"log/slog"
	"time"

	"bankgraph/db"
	"bankgraph/events"
	"bankgraph/graph"
	"bankgraph/models"
	"bankgraph/telemetry"
)

// EventFlags say how subscribers hear of what happens.
type EventFlags struct {
	Listen string        `help:"Whether replicas wake each other by LISTEN and NOTIFY: ${enum}. With off, or where a pooler lets nobody listen, what happens at another replica is found within a quarter of a second." enum:"on,off" default:"on"`
	Kept   time.Duration `help:"How long events are kept for those who were away; after that they read anew what there is." default:"168h" placeholder:"DURATION"`
}

// check says what of the flags cannot be.
func (f EventFlags) check() error {
	if f.Kept < time.Minute {
		return errors.New("--events-kept must be at least a minute: whoever reconnects would find nothing")
	}
	return nil
}

// open is where the news of this replica come together.
func (f EventFlags) open(store *db.Store, url string, watch *telemetry.Telemetry, log *slog.Logger) *events.Hub {
	if f.Listen == "off" {
		url = ""
	}
	return events.New(events.Options{
		Read: store.NewsAfter, Heads: store.StreamHeads, Moved: store.MovedStreams, Rights: store.Callers, Listen: url, Log: log, Describe: graph.Describe,
		Watch: events.Watch{
			Subscribed: watch.Followed, Read: watch.EventRead, Delivered: watch.EventDelivered,
			Dropped: func(code models.Code) { watch.FollowerDropped(string(code)) },
		},
	})
}
