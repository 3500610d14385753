package main

import (
	"context"
	"fmt"

	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/models"
)

// AccountCommand looks after who sees accounts.
type AccountCommand struct {
	Grant  AccountGrantCommand  `cmd:"" help:"Give a user a view on an account."`
	Revoke AccountRevokeCommand `cmd:"" help:"Take a view on an account from a user."`
}

// accessArguments say which view on what, of whom.
type accessArguments struct {
	Account string `arg:"" help:"The account (acc_…)."`
	User    string `arg:"" help:"The user's name, or identifier (usr_…)."`
	View    string `arg:"" help:"The view, such as owner."`
	Bank    string `help:"The bank that keeps the account." required:"" placeholder:"BANK"`
	Client  string `help:"The application through which it counts. Default: all." placeholder:"CLIENT"`
}

// AccountGrantCommand gives a view.
type AccountGrantCommand struct{ accessArguments }

// Run gives the view.
func (c *AccountGrantCommand) Run(ctx context.Context, config *Config) error {
	return c.change(ctx, config, "now has", (*bank.Bank).GiveAccess)
}

// AccountRevokeCommand takes a view.
type AccountRevokeCommand struct{ accessArguments }

// Run takes the view.
func (c *AccountRevokeCommand) Run(ctx context.Context, config *Config) error {
	return c.change(ctx, config, "no more has", (*bank.Bank).TakeAccess)
}

func (c *accessArguments) change(
	ctx context.Context, config *Config, done string,
	do func(*bank.Bank, context.Context, models.AccountAccessInput) (*models.AccountAccessGrant, error),
) error {
	account, err := models.ParseID(c.Account)
	if err != nil {
		return err
	}
	return withDatabase(ctx, config, func(store *db.Store, _ int) error {
		user, err := findUser(ctx, store, c.User)
		if err != nil {
			return err
		}
		input := models.AccountAccessInput{BankID: c.Bank, AccountID: account, UserID: user.ID(), ViewID: c.View}
		if c.Client != "" {
			input.ClientID = &c.Client
		}
		if _, err := do(bank.New(store), ctx, input); err != nil {
			return err
		}
		fmt.Printf("%s %s the view %s on %s.\n", c.User, done, c.View, c.Account)
		return nil
	})
}
