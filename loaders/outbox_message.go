package loaders

import (
	"context"
	"fmt"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// outboxMessages are the messages of a bank in each state, and under the empty one in any, without what is routine.
var outboxMessages = outboxPages(register("Bank.outboxMessages", auth.SeeOutboxMessages))

func outboxPages(edge Edge) map[models.OutboxMessageState]*Page[models.OutboxMessage] {
	all := newest(ofBank, "made_at")
	all.Field = edge.Field
	pages := map[models.OutboxMessageState]*Page[models.OutboxMessage]{"": {edge, all.Where(db.NoRoutine)}}
	for _, state := range models.AllOutboxMessageState {
		list := all.That(fmt.Sprintf("state = '%s'", state))
		list.Field += "." + string(state)
		pages[state] = &Page[models.OutboxMessage]{edge, list}
	}
	return pages
}

// BankOutboxMessages is a page of the messages of a bank, of those in a state when one is given.
func BankOutboxMessages(ctx context.Context, bank *models.Bank, state *models.OutboxMessageState, arguments models.PageArguments) (*models.OutboxMessageConnection, error) {
	if state == nil {
		return outboxMessages[""].Load(ctx, bank, arguments)
	}
	return outboxMessages[*state].Load(ctx, bank, arguments)
}
