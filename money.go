package main

import (
	"context"
	"log/slog"

	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/ledger"
	"bankgraph/outbox"
	"bankgraph/secret"
	"bankgraph/telemetry"
)

// money is what moves money: the ledger, with connections of its own, so that a payment waits for no connection that reads keep busy.
type money struct {
	ledger *ledger.Ledger
	cards  bank.Cards
	codes  [][]byte // the keys of the codes of challenges
	close  func()
}

// kept is what a secret protects.
type kept struct {
	files  bank.Files
	money  money
	outbox *outbox.Outbox
}

// openKept opens what a secret protects: the files, the messages to users, and what moves money.
func (c *ServeCommand) openKept(ctx context.Context, config *Config, database *database, store *db.Store, post bank.Post, address string, watch *telemetry.Telemetry, log *slog.Logger) (opened kept, err error) {
	secrets, err := c.Files.secrets(config, database)
	if err != nil {
		return kept{}, err
	}
	if opened.files, err = c.Files.open(config, database, secrets, address, log); err != nil {
		return kept{}, err
	}
	if opened.outbox, err = c.SMS.open(c.Webhook, store, secrets, post, watch, log); err != nil {
		return kept{}, err
	}
	opened.money, err = openMoney(ctx, database.url, secrets)
	return opened, err
}

func openMoney(ctx context.Context, url string, secrets secret.Secrets) (money, error) {
	cards, err := secrets.Keys(bank.CardPurpose)
	if err != nil {
		return money{}, err
	}
	codes, err := secrets.Keys(bank.ChallengePurpose)
	if err != nil {
		return money{}, err
	}
	store, err := db.Open(ctx, url, db.Options{Tracer: telemetry.Statements{}, Connections: ledger.Connections})
	if err != nil {
		return money{}, err
	}
	books := ledger.New(store.Pool(), ledger.Options{Explain: db.Known})
	return money{books, bank.Cards{Keys: cards}, codes, func() { books.Close(); store.Close() }}, nil
}
