package main

import (
	"context"
	"fmt"

	"bankgraph/auth"
	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/models"
)

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
