package main

import (
	"context"
	"fmt"

	"bankgraph/auth"
	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/models"
)

// BankCommand looks after banks.
type BankCommand struct {
	List   BankListCommand   `cmd:"" help:"Print all banks."`
	Create BankCreateCommand `cmd:"" help:"Make a bank."`
}

// BankListCommand prints banks.
type BankListCommand struct{}

// Run prints a line a bank.
func (*BankListCommand) Run(ctx context.Context, config *Config) error {
	return withDatabase(ctx, config, func(store *db.Store, _ int) error {
		banks, err := store.Banks(ctx)
		for _, bank := range banks {
			fmt.Printf("%s  %s  %s\n", bank.BankID, bank.ShortName, bank.FullName)
		}
		return err
	})
}

// BankCreateCommand makes a bank.
type BankCreateCommand struct {
	Bank      string `arg:"" help:"Its identifier: 0-9 a-z A-Z - . _, at most 254 characters."`
	ShortName string `help:"The name that people use." required:"" placeholder:"NAME"`
	FullName  string `help:"The registered name." required:"" placeholder:"NAME"`
}

// Run makes the bank.
func (c *BankCreateCommand) Run(ctx context.Context, config *Config) error {
	return withDatabase(ctx, config, func(store *db.Store, _ int) error {
		made, err := bank.New(store).AddBank(ctx, models.CreateBankInput{BankID: c.Bank, ShortName: c.ShortName, FullName: c.FullName})
		if err != nil {
			return err
		}
		fmt.Printf("%s is a bank now. Nobody holds a role there: see bankgraph user grant.\n", made.BankID)
		return nil
	})
}

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

// ApplicationCommand looks after applications.
type ApplicationCommand struct {
	List    ApplicationListCommand    `cmd:"" help:"Print all applications that were ever used."`
	Disable ApplicationDisableCommand `cmd:"" help:"Switch an application off: nobody gets in through it."`
	Enable  ApplicationEnableCommand  `cmd:"" help:"Switch an application on again."`
}

// ApplicationListCommand prints applications.
type ApplicationListCommand struct{}

// Run prints a line an application.
func (*ApplicationListCommand) Run(ctx context.Context, config *Config) error {
	return withDatabase(ctx, config, func(store *db.Store, _ int) error {
		consumers, err := store.Consumers(ctx)
		for _, consumer := range consumers {
			fmt.Printf("%s  %s  %s\n", consumer.ClientID, consumer.Issuer, consumer.Status())
		}
		return err
	})
}

// applicationArguments say which application.
type applicationArguments struct {
	Client string `arg:"" help:"What it is called at the identity provider."`
	Issuer string `arg:"" help:"The identity provider."`
}

// ApplicationDisableCommand switches an application off.
type ApplicationDisableCommand struct{ applicationArguments }

// Run switches it off.
func (c *ApplicationDisableCommand) Run(ctx context.Context, config *Config) error {
	return c.turn(ctx, config, false)
}

// ApplicationEnableCommand switches an application on.
type ApplicationEnableCommand struct{ applicationArguments }

// Run switches it on.
func (c *ApplicationEnableCommand) Run(ctx context.Context, config *Config) error {
	return c.turn(ctx, config, true)
}

func (c *applicationArguments) turn(ctx context.Context, config *Config, isOn bool) error {
	return withDatabase(ctx, config, func(store *db.Store, _ int) error {
		consumer, err := bank.New(store).SwitchConsumer(ctx, auth.Everybody, models.ConsumerInput{Issuer: c.Issuer, ClientID: c.Client}, isOn)
		if err != nil {
			return err
		}
		fmt.Printf("%s is %s.\n", consumer.ClientID, consumer.Status())
		return nil
	})
}
