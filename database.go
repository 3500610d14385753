package main

import (
	"context"
	"log/slog"

	"bankgraph/db/embedded"
)

// database is the Postgres that the program uses: one that it was told of, or its own.
type database struct {
	url  string
	own  *embedded.Server // nil with DATABASE_URL
	data string           // the data directory
}

// openDatabase finds the database, and starts or joins the private Postgres when there is no other.
func openDatabase(ctx context.Context, config *Config, log *slog.Logger) (*database, error) {
	if config.DatabaseURL != "" {
		return &database{url: config.DatabaseURL, data: config.dataDir()}, nil
	}
	own, err := embedded.Start(ctx, embedded.Options{DataDir: config.DataDir, BinDir: config.PostgresBin, Log: log})
	if err != nil {
		return nil, err
	}
	return &database{url: own.URL(), own: own, data: config.dataDir()}, nil
}

func (d *database) close(log *slog.Logger) {
	if d.own == nil {
		return
	}
	if err := d.own.Stop(); err != nil {
		log.Warn("stop the private Postgres", "error", err.Error())
	}
}

// exited is closed when the private Postgres ends; it never is with DATABASE_URL.
func (d *database) exited() <-chan struct{} {
	if d.own == nil {
		return nil
	}
	return d.own.Exited()
}

func (c *Config) dataDir() string {
	if c.DataDir != "" {
		return c.DataDir
	}
	return embedded.DefaultDataDir()
}
