package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"time"

	"github.com/alecthomas/kong"

	"bankgraph/graph"
	"bankgraph/telemetry"
)

const description = "One GraphQL API over a bank's customers, their KYC file, their accounts and their payments."

// Program is the command line. Every flag has an environment variable; docs/configuration.md is made from it.
type Program struct {
	Config

	Serve       ServeCommand       `cmd:"" default:"withargs" help:"Serve the graph and its playground. This is what happens without a command."`
	Migrate     MigrateCommand     `cmd:"" help:"Bring the tables of the database up to date, and end."`
	Seed        SeedCommand        `cmd:"" help:"Fill an empty database with demo data, and end."`
	Import      ImportCommand      `cmd:"" help:"Make the customers of a file, and end: with status 0 when all were made, 3 when some were not, and 1 when the import failed."`
	Token       TokenCommand       `cmd:"" help:"Print a bearer token of the development issuer, alone, on standard output."`
	User        UserCommand        `cmd:"" help:"List users, and give them roles or take them."`
	Bank        BankCommand        `cmd:"" help:"List banks, make them and change them."`
	Account     AccountCommand     `cmd:"" help:"Give users views on accounts, or take them."`
	Application ApplicationCommand `cmd:"" help:"List applications, and switch them off or on."`
	Outbox      OutboxCommand      `cmd:"" help:"List messages to users, and have those tried again that did not arrive."`
	Audit       AuditCommand       `cmd:"" help:"Print who did or tried what."`
	Ledger      LedgerCommand      `cmd:"" help:"Check the books."`
	Schema      SchemaCommand      `cmd:"" help:"Print the schema."`
}

// Config is what all commands have in common.
type Config struct {
	DataDir     string `help:"Where the private Postgres, the development issuer's key, files and the secret of their links live. Default: /var/lib/bankgraph for root, otherwise where the system keeps data of applications, such as ~/.local/share/bankgraph." placeholder:"DIRECTORY"`
	DatabaseURL string `env:"DATABASE_URL" help:"A Postgres 15 or newer to use instead of a private one, such as postgres://user:password@host:5432/name." placeholder:"URL"`
	PostgresBin string `help:"Where the binaries of Postgres are, for a private one. Default: looked for, and downloaded when there are none." placeholder:"DIRECTORY"`
	LogFormat   string `help:"How the log on standard error looks: ${enum}." enum:"text,json" default:"text"`
}

// ServeCommand serves.
type ServeCommand struct {
	Addr          string `help:"Where to listen." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	Production    bool   `help:"Show strangers nothing: no introspection, no suggestions, no playground, and no development issuer, unless one of these is switched on by itself."`
	Demo          string `help:"Demo data when the database is empty, demo users, and the development issuer whose tokens let anybody in who has one: ${enum}. auto is on with a private Postgres, on a loopback address, without an OpenID Connect provider, and not in production." enum:"auto,on,off" default:"auto"`
	DemoCustomers int    `help:"How many customers the demo data has." default:"1000" placeholder:"NUMBER"`
	OIDCIssuer    string `name:"oidc-issuer" help:"The OpenID Connect provider whose tokens are trusted." placeholder:"URL"`
	OIDCAudience  string `name:"oidc-audience" help:"Whom its tokens must be for." default:"bankgraph" placeholder:"AUDIENCE"`

	Introspection string       `help:"Who may read the schema: ${enum}. role is for callers with CanExploreGraph; auto is on, and off in production." enum:"auto,on,role,off" default:"auto"`
	Suggestions   string       `help:"Whether a document that does not fit is told which names are similar: ${enum}. auto is on, and off in production." enum:"auto,on,off" default:"auto"`
	Playground    string       `help:"Whether there is a playground at /: ${enum}. auto is on, and off in production." enum:"auto,on,off" default:"auto"`
	AllowOrigin   []string     `help:"Sites whose pages may ask, such as https://dashboard.example.com. Default: only the server's own." placeholder:"ORIGIN"`
	Trusted       Trusted      `embed:"" prefix:"trusted-"`
	Limit         graph.Limits `embed:"" prefix:"limit-"`

	MetricsAddr string `help:"Where Prometheus finds /metrics: an address that the public cannot reach, such as 127.0.0.1:9090. Off when empty." placeholder:"HOST:PORT"`

	DrainDelay time.Duration `help:"How long requests are still answered after SIGTERM, while /readyz says draining. Behind a load balancer: the time in which it notices, which is its probe interval times the failures that it waits for, and some seconds more." default:"0s" placeholder:"DURATION"`
	Mail       Mail          `embed:""`
	SMS        SMS           `embed:""`
	Webhook    Webhook       `embed:""`
	Files      Files         `embed:""`

	Challenge ChallengeFlags `embed:"" prefix:"challenge-"`
	Events    EventFlags     `embed:"" prefix:"events-"`
}

// Trusted are the documents that clients were built with.
type Trusted struct {
	Documents string `help:"A manifest of documents that clients may name by their hash, as graphql-codegen writes it: a JSON object from names to texts." placeholder:"FILE"`
	Only      bool   `help:"Run no other documents, but for callers with the role CanExploreGraph."`
}

// isOn resolves a switch: auto is on, and off in production.
func (c *ServeCommand) isOn(value string) bool {
	return value == "on" || value == "auto" && !c.Production
}

func (c *ServeCommand) introspection() graph.Introspection {
	switch {
	case c.Introspection != "auto":
		return graph.Introspection(c.Introspection)
	case c.Production:
		return graph.IntrospectionOff
	}
	return graph.IntrospectionOn
}

// Validate says what of the configuration cannot be; kong calls it.
func (c *ServeCommand) Validate() error {
	if c.Trusted.Only && c.Trusted.Documents == "" {
		return errors.New("--trusted-only needs the --trusted-documents that are trusted")
	}
	return errors.Join(c.Limit.Check(), c.Mail.check(), c.SMS.check(), c.Webhook.check(), c.Files.check(), c.Challenge.check(), c.Events.check(), graph.Origins(c.AllowOrigin).Check())
}

// configure sets what of the door is a matter of taste or of safety.
func (c *ServeCommand) configure(door *graph.Options) {
	door.Limits = c.Limit
	door.Introspection = c.introspection()
	door.Suggestions = c.isOn(c.Suggestions)
	door.Origins = c.AllowOrigin
}

// documents are those of the manifest, nil without one.
func (c *ServeCommand) documents() (*graph.Documents, error) {
	if c.Trusted.Documents == "" {
		return nil, nil
	}
	manifest, err := os.ReadFile(c.Trusted.Documents)
	if err != nil {
		return nil, fmt.Errorf("read the trusted documents: %w", err)
	}
	return graph.ReadDocuments(manifest, c.Trusted.Only)
}

// limitDefaults are the values that the flags of graph.Limits have when nobody sets them.
func limitDefaults() kong.Vars {
	defaults := kong.Vars{}
	limits := reflect.ValueOf(graph.DefaultLimits)
	for i := range limits.NumField() {
		defaults[limits.Type().Field(i).Name] = fmt.Sprint(limits.Field(i).Interface())
	}
	return defaults
}

func (c *Config) logger() *slog.Logger {
	var handler slog.Handler = slog.NewTextHandler(os.Stderr, nil)
	if c.LogFormat == "json" {
		handler = slog.NewJSONHandler(os.Stderr, nil)
	}
	return slog.New(telemetry.NewLogHandler(handler, graph.PersonalNames()))
}
