package main

import (
	"context"
	"fmt"
	"time"

	"bankgraph/auth"
	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/models"
)

// OutboxCommand looks after what leaves the server later.
type OutboxCommand struct {
	List   OutboxListCommand   `cmd:"" help:"Print messages to users and webhooks, the newest first, at most 1000: where they stand, and not what they say."`
	Replay OutboxReplayCommand `cmd:"" help:"Have a dead message tried again by the running servers. One with a code is not."`
}

// OutboxListCommand prints messages.
type OutboxListCommand struct {
	Bank  string `help:"Only of this bank. Default: of all." placeholder:"BANK"`
	State string `help:"Only in this state: ${enum}. Default: in any, but for calls of webhooks that arrived or are void." enum:"WAITING,DELIVERED,DEAD,VOID," default:""`
	Kind  string `help:"Only of this kind: ${enum}. Default: of any. A webhook that is dead leaves so many calls that they bury all others." enum:"CHALLENGE_CODE_EMAIL,CHALLENGE_CODE_SMS,CHALLENGE_ALERT_EMAIL,CHALLENGE_ALERT_SMS,WEBHOOK," default:""`
}

// Run prints a line a message.
func (c *OutboxListCommand) Run(ctx context.Context, config *Config) error {
	return withDatabase(ctx, config, func(store *db.Store, _ int) error {
		messages, err := store.OutboxMessages(ctx, c.Bank, models.OutboxMessageState(c.State), models.OutboxMessageKind(c.Kind))
		for _, m := range messages {
			fmt.Printf("%s  %s  %s  %s  %s  %s  %d tries  %s\n",
				m.ID(), m.BankID, m.MadeAt.UTC().Format(time.RFC3339), m.Kind, m.State, m.MaskedRecipient(), m.Attempts, models.Text(m.LastFailure))
		}
		return err
	})
}

// OutboxReplayCommand has a message tried again.
type OutboxReplayCommand struct {
	Message string `arg:"" help:"The message (obx_…)."`
	Bank    string `help:"The bank in whose name it is." required:"" placeholder:"BANK"`
}

// Run makes the message wait again.
func (c *OutboxReplayCommand) Run(ctx context.Context, config *Config) error {
	id, err := models.ParseID(c.Message)
	if err != nil {
		return err
	}
	return withDatabase(ctx, config, func(store *db.Store, _ int) error {
		message, err := bank.New(store).ReplayMessage(ctx, auth.Everybody, models.ReplayOutboxMessageInput{BankID: c.Bank, ID: id})
		if err != nil {
			return err
		}
		fmt.Printf("%s is %s.\n", message.ID(), message.State)
		return nil
	})
}
