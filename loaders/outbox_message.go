package loaders

import (
	"context"
	"fmt"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// outboxChoice is which messages of a bank are listed: of a state or, when it is empty, in any but what is routine; and of a kind or, when that is empty, of any.
type outboxChoice struct {
	state models.OutboxMessageState
	kind  models.OutboxMessageKind
}

// outboxMessages are the messages of a bank for each choice.
var outboxMessages = outboxPages(register("Bank.outboxMessages", auth.SeeOutboxMessages))

func outboxPages(edge Edge) map[outboxChoice]*Page[models.OutboxMessage] {
	all := newest(ofBank, "made_at")
	all.Field = edge.Field
	pages := map[outboxChoice]*Page[models.OutboxMessage]{}
	for _, state := range append([]models.OutboxMessageState{""}, models.AllOutboxMessageState...) {
		for _, kind := range append([]models.OutboxMessageKind{""}, models.AllOutboxMessageKind...) {
			condition, field := db.NoRoutine, all.Field
			if state != "" {
				condition, field = fmt.Sprintf("row.state = '%s'", state), field+"."+string(state)
			}
			if kind != "" {
				condition, field = condition+fmt.Sprintf(" AND row.kind = '%s'", kind), field+"."+string(kind)
			}
			list := all.Where(condition)
			list.Field = field
			pages[outboxChoice{state, kind}] = &Page[models.OutboxMessage]{edge, list}
		}
	}
	return pages
}

// BankOutboxMessages is a page of the messages of a bank, of those in a state and of a kind when these are given.
func BankOutboxMessages(ctx context.Context, bank *models.Bank, state *models.OutboxMessageState, kind *models.OutboxMessageKind, arguments models.PageArguments) (*models.OutboxMessageConnection, error) {
	var choice outboxChoice
	if state != nil {
		choice.state = *state
	}
	if kind != nil {
		choice.kind = *kind
	}
	return outboxMessages[choice].Load(ctx, bank, arguments)
}
