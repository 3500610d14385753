package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"time"

	"bankgraph/auth"
	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/db/seed"
	"bankgraph/graph"
	"bankgraph/models"
)

// MigrateCommand brings the tables up to date.
type MigrateCommand struct{}

// Run migrates.
func (*MigrateCommand) Run(ctx context.Context, config *Config) error {
	return withDatabase(ctx, config, func(_ *db.Store, migrations int) error {
		fmt.Printf("The database is up to date: %d migrations were run.\n", migrations)
		return nil
	})
}

// SeedCommand fills an empty database.
type SeedCommand struct {
	Customers int `help:"How many customers, over both demo banks: 1 to 1000000." default:"1000" placeholder:"NUMBER"`
}

// Run seeds.
func (c *SeedCommand) Run(ctx context.Context, config *Config) error {
	return withDatabase(ctx, config, func(store *db.Store, _ int) error {
		return fill(ctx, store, c.Customers)
	})
}

func fill(ctx context.Context, store *db.Store, customers int) error {
	return seed.Run(ctx, store.Pool(), seed.Options{
		Customers: customers, Issuer: auth.DevelopmentIssuer, Roles: auth.RolesByScope, Progress: os.Stderr,
	})
}

// TokenCommand makes a token.
type TokenCommand struct {
	User     string        `help:"Whom the token is for, such as demo-admin." required:"" placeholder:"NAME"`
	Lifetime time.Duration `help:"How long it is good." default:"24h" placeholder:"DURATION"`
}

// Run prints the token and nothing else.
func (c *TokenCommand) Run(config *Config) error {
	development, err := auth.OpenDevelopment(config.dataDir())
	if err != nil {
		return err
	}
	token, err := development.Token(c.User, c.Lifetime)
	if err != nil {
		return err
	}
	fmt.Println(token)
	return nil
}

// UserCommand looks after users.
type UserCommand struct {
	List   UserListCommand   `cmd:"" help:"Print all users with their roles."`
	Grant  UserGrantCommand  `cmd:"" help:"Give a role to a user."`
	Revoke UserRevokeCommand `cmd:"" help:"Take a role from a user."`
	Phone  UserPhoneCommand  `cmd:"" help:"Note where a user gets codes by text message."`
}

// UserListCommand prints users.
type UserListCommand struct{}

// Run prints a line a user, and below it one a role.
func (*UserListCommand) Run(ctx context.Context, config *Config) error {
	return withDatabase(ctx, config, func(store *db.Store, _ int) error {
		users, err := store.Users(ctx)
		if err != nil {
			return err
		}
		roles, err := store.Entitlements(ctx)
		for _, user := range users {
			fmt.Printf("%s  %s  %s\n", user.ID(), user.Username, user.Issuer)
			for _, entitlement := range roles[user.UserID] {
				fmt.Printf("    %s %s\n", entitlement.Role, place(entitlement.BankIDOrNone))
			}
		}
		return err
	})
}

// place says in words where a role is held.
func place(bankID string) string {
	if bankID == "" {
		return "system-wide"
	}
	return "at " + bankID
}

// roleArguments say which role of whom, and where.
type roleArguments struct {
	User string `arg:"" help:"The user's name, or identifier (usr_…)."`
	Role string `arg:"" help:"The role, such as CanGetCustomer."`
	Bank string `help:"The bank; none for a role that is held system-wide." placeholder:"BANK"`
}

// UserGrantCommand gives a role.
type UserGrantCommand struct{ roleArguments }

// Run gives the role.
func (c *UserGrantCommand) Run(ctx context.Context, config *Config) error {
	return c.change(ctx, config, "now holds", func(verbs *bank.Bank, user *models.User) error {
		_, err := verbs.GiveRole(ctx, user.UserID, c.Role, c.Bank)
		return err
	})
}

// UserRevokeCommand takes a role.
type UserRevokeCommand struct{ roleArguments }

// Run takes the role.
func (c *UserRevokeCommand) Run(ctx context.Context, config *Config) error {
	return c.change(ctx, config, "no more holds", func(verbs *bank.Bank, user *models.User) error {
		return verbs.TakeRole(ctx, user.UserID, c.Role, c.Bank)
	})
}

// UserPhoneCommand notes a phone number.
type UserPhoneCommand struct {
	User   string `arg:"" help:"The user's name, or identifier (usr_…)."`
	Number string `arg:"" optional:"" help:"The number, such as +447700900123; none takes it away."`
}

// Run notes the number.
func (c *UserPhoneCommand) Run(ctx context.Context, config *Config) error {
	return withDatabase(ctx, config, func(store *db.Store, _ int) error {
		user, err := findUser(ctx, store, c.User)
		if err == nil {
			err = bank.New(store).NotePhone(ctx, user.UserID, c.Number)
		}
		if err == nil {
			fmt.Printf("%s gets text messages at %s.\n", c.User, cmp.Or(c.Number, "no number"))
		}
		return err
	})
}

func (c *roleArguments) change(ctx context.Context, config *Config, done string, do func(*bank.Bank, *models.User) error) error {
	return withDatabase(ctx, config, func(store *db.Store, _ int) error {
		user, err := findUser(ctx, store, c.User)
		if err != nil {
			return err
		}
		if err := do(bank.New(store), user); err != nil {
			return err
		}
		fmt.Printf("%s %s %s %s.\n", c.User, done, c.Role, place(c.Bank))
		return nil
	})
}

// findUser is the user with this identifier or name. A name that several users have is refused: whoever
// chose the same name at another identity provider must not get the role.
func findUser(ctx context.Context, store *db.Store, nameOrID string) (*models.User, error) {
	if id, err := models.ParseID(nameOrID); err == nil && id.Kind == models.KindUser {
		if user, err := store.User(ctx, id.UUID); user != nil || err != nil {
			return user, err
		}
	}
	users, err := store.UsersByName(ctx, nameOrID)
	switch {
	case err != nil:
		return nil, err
	case len(users) == 0:
		return nil, fmt.Errorf("there is no user %s: a user is known after the first request with a token", nameOrID)
	case len(users) > 1:
		return nil, fmt.Errorf("%d users are named %s: give the identifier that `bankgraph user list` shows", len(users), nameOrID)
	}
	return users[0], nil
}

// SchemaCommand prints the contract.
type SchemaCommand struct{}

// Run prints the contract.
func (*SchemaCommand) Run() error {
	fmt.Print(graph.SDL())
	return nil
}

// withDatabase does something with a database that is up to date, beside a running server or alone.
func withDatabase(ctx context.Context, config *Config, do func(store *db.Store, migrations int) error) error {
	log := config.logger()
	database, err := openDatabase(ctx, config, log)
	if err != nil {
		return err
	}
	defer database.close(log)
	store, err := db.Open(ctx, database.url, db.Options{})
	if err != nil {
		return err
	}
	defer store.Close()
	migrations, err := db.Migrate(ctx, database.url, log)
	if err != nil {
		return err
	}
	return do(store, migrations)
}
