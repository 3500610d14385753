package main

import (
	"context"
	"fmt"

	"github.com/99designs/gqlgen/graphql"

	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/models"
)

// BankCommand looks after banks.
type BankCommand struct {
	List   BankListCommand   `cmd:"" help:"Print all banks."`
	Create BankCreateCommand `cmd:"" help:"Make a bank."`
	Update BankUpdateCommand `cmd:"" help:"Change the names of a bank, and what else is said of it."`
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

// BankUpdateCommand changes a bank.
type BankUpdateCommand struct {
	Bank       string  `arg:"" help:"Its identifier, which stays."`
	ShortName  *string `help:"The name that people use." placeholder:"NAME"`
	FullName   *string `help:"The registered name." placeholder:"NAME"`
	LogoURL    *string `name:"logo-url" help:"Where its logo is; an empty one takes it away." placeholder:"URL"`
	WebsiteURL *string `name:"website-url" help:"Where it is on the web; an empty one takes it away." placeholder:"URL"`
	BIC        *string `name:"bic" help:"Its code in payments between banks; an empty one takes it away." placeholder:"BIC"`
}

// Run changes what was given.
func (c *BankUpdateCommand) Run(ctx context.Context, config *Config) error {
	input := models.UpdateBankInput{BankID: c.Bank, Version: &models.SeenVersion{Any: new(true)}}
	for _, field := range []struct {
		flag  string
		given *string
		to    *graphql.Omittable[*string]
		read  func(any) (string, error)
	}{
		{"--short-name", c.ShortName, &input.ShortName, models.UnmarshalString},
		{"--full-name", c.FullName, &input.FullName, models.UnmarshalString},
		{"--logo-url", c.LogoURL, &input.LogoURL, models.UnmarshalURL},
		{"--website-url", c.WebsiteURL, &input.WebsiteURL, models.UnmarshalURL},
		{"--bic", c.BIC, &input.BIC, models.UnmarshalBIC},
	} {
		switch {
		case field.given == nil:
		case *field.given == "":
			*field.to = graphql.OmittableOf[*string](nil)
		default:
			value, err := field.read(*field.given)
			if err != nil {
				return fmt.Errorf("%s: %w", field.flag, err)
			}
			*field.to = graphql.OmittableOf(&value)
		}
	}
	return withDatabase(ctx, config, func(store *db.Store, _ int) error {
		changed, err := bank.New(store).ChangeBank(ctx, input)
		if err != nil {
			return err
		}
		fmt.Printf("%s  %s  %s\n", changed.BankID, changed.ShortName, changed.FullName)
		return nil
	})
}
