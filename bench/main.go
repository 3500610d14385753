// Command bench measures the server against servers that were written by hand for one question, payments against pgbench, and how fast those hear of events who follow them.
//
//	go run ./bench read
//	go run ./bench pay
//	go run ./bench events
//
// The first starts a Postgres, fills it once, starts the real program and two baselines, each in a process of its own, checks that
// all three answer the same, and then asks them in turns. It prints what it found, and keeps it in bench/results.
// Nothing here fails because something was slow: numbers are for people.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) error {
	if len(arguments) > 0 {
		switch arguments[0] {
		case "read":
			return read(ctx, arguments[1:])
		case "pay":
			return pay(ctx, arguments[1:])
		case "events":
			return events(ctx, arguments[1:])
		case "handler":
			return serveBaseline(ctx, arguments[1:])
		}
	}
	return fmt.Errorf("say what to measure: read, pay or events")
}
