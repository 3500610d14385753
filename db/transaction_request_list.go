package db

import (
	"slices"

	"bankgraph/models"
)

// requestSorts are what the requests of an account can be sorted by.
var requestSorts = map[models.TransactionRequestOrderField]List{
	models.TransactionRequestOrderFieldStartedAt: {Sort: "started_at", Cast: "timestamptz"},
	models.TransactionRequestOrderFieldAmount:    {Sort: "amount", Cast: "numeric"},
}

// TransactionRequestList is the list of an account's requests, made at it or to be paid from it, that meet a filter, in an order, and what the filter asks of them.
func TransactionRequestList(filter *models.TransactionRequestFilter, order *models.TransactionRequestOrder) (List, []Condition) {
	list := requestSorts[models.TransactionRequestOrderFieldStartedAt]
	list.Desc = true
	if order != nil {
		list = requestSorts[order.Field]
		list.Desc = order.Direction == models.OrderDirectionDesc
	}
	list.Table, list.Bank, list.Parent, list.Field = "account_transaction_request", "of_bank_id", "of_account_id", cursorName("Account.transactionRequests", filter, order)
	if filter == nil {
		return list, nil
	}
	var where []Condition
	if filter.Status != nil {
		where = append(where, Condition{"row.status = ANY($%d::text[])", texts(filter.Status)})
	}
	if filter.Type != nil {
		where = append(where, Condition{"row.type = ANY($%d::text[])", texts(filter.Type)})
	}
	if filter.AmountFrom != nil {
		where = append(where, Condition{"row.amount >= $%d::numeric", numeric(*filter.AmountFrom)})
	}
	if filter.AmountTo != nil {
		where = append(where, Condition{"row.amount <= $%d::numeric", numeric(*filter.AmountTo)})
	}
	if span := filter.StartedAt; span != nil && span.From != nil {
		where = append(where, Condition{"row.started_at >= $%d::timestamptz", *span.From})
	}
	if span := filter.StartedAt; span != nil && span.Before != nil {
		where = append(where, Condition{"row.started_at < $%d::timestamptz", *span.Before})
	}
	return list, where
}

// texts are enums as texts, each once: there are never more than the enum has.
func texts[E ~string](enums []E) []string {
	words := make([]string, len(enums))
	for i, enum := range enums {
		words[i] = string(enum)
	}
	slices.Sort(words)
	return slices.Compact(words)
}
