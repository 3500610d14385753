package main

import (
	"context"

	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/ledger"
	"bankgraph/secret"
	"bankgraph/telemetry"
)

// money is what moves money: the ledger, with connections of its own, so that a payment waits for no connection that reads keep busy.
type money struct {
	ledger *ledger.Ledger
	cards  bank.Cards
	close  func()
}

func openMoney(ctx context.Context, url string, secrets secret.Secrets) (money, error) {
	cards, err := secrets.Keys(bank.CardPurpose)
	if err != nil {
		return money{}, err
	}
	store, err := db.Open(ctx, url, db.Options{Tracer: telemetry.Statements{}, Connections: ledger.Connections})
	if err != nil {
		return money{}, err
	}
	books := ledger.New(store.Pool(), ledger.Options{Explain: db.Known})
	return money{books, bank.Cards{Keys: cards}, func() { books.Close(); store.Close() }}, nil
}
