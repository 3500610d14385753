package main

import (
	"log/slog"
	"os"
	"time"

	"bankgraph/graph"
	"bankgraph/telemetry"
)

const description = "One GraphQL API over a bank's customers, their KYC file, their accounts and their payments."

// Program is the command line. Every flag has an environment variable; docs/configuration.md is made from it.
type Program struct {
	Config

	Serve   ServeCommand   `cmd:"" default:"withargs" help:"Serve the graph and its playground. This is what happens without a command."`
	Migrate MigrateCommand `cmd:"" help:"Bring the tables of the database up to date, and end."`
	Seed    SeedCommand    `cmd:"" help:"Fill an empty database with demo data, and end."`
	Token   TokenCommand   `cmd:"" help:"Print a bearer token of the development issuer, alone, on standard output."`
	User    UserCommand    `cmd:"" help:"List users, and give them roles or take them."`
	Schema  SchemaCommand  `cmd:"" help:"Print the schema."`
}

// Config is what all commands have in common.
type Config struct {
	DataDir     string `help:"Where the private Postgres and the development issuer's key live. Default: /var/lib/bankgraph for root, otherwise where the system keeps data of applications, such as ~/.local/share/bankgraph." placeholder:"DIRECTORY"`
	DatabaseURL string `env:"DATABASE_URL" help:"A Postgres 15 or newer to use instead of a private one, such as postgres://user:password@host:5432/name." placeholder:"URL"`
	PostgresBin string `help:"Where the binaries of Postgres are, for a private one. Default: looked for, and downloaded when there are none." placeholder:"DIRECTORY"`
	LogFormat   string `help:"How the log on standard error looks: ${enum}." enum:"text,json" default:"text"`
}

// ServeCommand serves.
type ServeCommand struct {
	Addr          string `help:"Where to listen." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	Demo          string `help:"Demo data when the database is empty, demo users, and the development issuer whose tokens let anybody in who has one: ${enum}. auto is on with a private Postgres, on a loopback address, and without an OpenID Connect provider." enum:"auto,on,off" default:"auto"`
	DemoCustomers int    `help:"How many customers the demo data has." default:"1000" placeholder:"NUMBER"`
	OIDCIssuer    string `name:"oidc-issuer" help:"The OpenID Connect provider whose tokens are trusted." placeholder:"URL"`
	OIDCAudience  string `name:"oidc-audience" help:"Whom its tokens must be for." default:"bankgraph" placeholder:"AUDIENCE"`
	MetricsAddr   string `help:"Where Prometheus finds /metrics: an address that the public cannot reach, such as 127.0.0.1:9090. Off when empty." placeholder:"HOST:PORT"`

	DrainDelay time.Duration `help:"How long requests are still answered after SIGTERM, while /readyz says draining. Behind a load balancer: the time in which it notices, which is its probe interval times the failures that it waits for, and some seconds more." default:"0s" placeholder:"DURATION"`
}

func (c *Config) logger() *slog.Logger {
	var handler slog.Handler = slog.NewTextHandler(os.Stderr, nil)
	if c.LogFormat == "json" {
		handler = slog.NewJSONHandler(os.Stderr, nil)
	}
	return slog.New(telemetry.NewLogHandler(handler, graph.PersonalNames()))
}
