package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/db/seed"
	"bankgraph/web"
)

// demoLifetime is how long the tokens are good that the demo prints.
const demoLifetime = 24 * time.Hour

// The example requests of the playground and of the start message: the first is also the README's.
var (
	//go:embed web/examples/overview.graphql
	overviewExample string
	//go:embed web/examples/customers.graphql
	customersExample string
	//go:embed web/examples/viewer.graphql
	viewerExample string
	//go:embed web/examples/pay.graphql
	payExample string
	//go:embed web/examples/waiting.graphql
	waitingExample string
	//go:embed web/examples/approve.graphql
	approveExample string
	//go:embed web/examples/follow.graphql
	followExample string
)

// demo is what lets a newcomer in: the demo users and their tokens. The zero demo is off.
type demo struct {
	development *auth.Development
	isLocal     bool // whether only this machine can reach the server
}

// startDemo fills an empty database and trusts the development issuer, when the demo is on.
func (c *ServeCommand) startDemo(ctx context.Context, config *Config, database *database, listener net.Listener, store *db.Store, verifier *auth.Verifier) (*demo, error) {
	// With a real provider, or in reach of others, nobody may get in by a token that we sign ourselves.
	isPrivate := !c.Production && database.own != nil && c.OIDCIssuer == "" && isLoopback(listener.Addr())
	if c.Demo == "off" || c.Demo == "auto" && !isPrivate {
		return &demo{}, nil
	}
	banks, err := store.BankIDs(ctx)
	if err != nil {
		return nil, err
	}
	if len(banks) == 0 {
		fmt.Fprintf(os.Stderr, "Filling the empty database with %d demo customers.\n", c.DemoCustomers)
		// Another replica may have been faster.
		if err := fill(ctx, store, c.DemoCustomers); err != nil && !errors.Is(err, seed.ErrHoldsData) {
			return nil, err
		}
	}
	development, err := auth.OpenDevelopment(config.dataDir())
	if err != nil {
		return nil, err
	}
	verifier.TrustKeys(auth.DevelopmentIssuer, auth.Audience, development.Keys())
	return &demo{development: development}, nil
}

// users are the demo users with fresh tokens.
func (d *demo) users() []web.User {
	if d.development == nil {
		return nil
	}
	var users []web.User
	for _, user := range seed.Users() {
		token, err := d.development.Token(user.Name, demoLifetime)
		if err != nil {
			continue // the page then offers one user less
		}
		users = append(users, web.User{Name: user.Name, Description: user.Description, Token: token})
	}
	return users
}

// playground is what the page starts with. Tokens are for people at this machine only: whoever can reach the
// page from elsewhere must bring their own.
func (d *demo) playground() web.Playground {
	var users []web.User
	if d.isLocal {
		users = d.users()
	}
	return web.Playground{Endpoint: "/graphql", Users: users, Tabs: []web.Tab{
		{Title: "Overview", Query: overviewExample, Variables: overviewVariables, User: "demo-admin"},
		{Title: "Customers", Query: customersExample, Variables: `{ "bankId": "gh.29.uk" }`, User: "demo-officer"},
		{Title: "Viewer", Query: viewerExample, Variables: "{}", User: "demo-owner"},
		{Title: "Pay", Query: payExample, Variables: payVariables, User: "demo-owner"},
		{Title: "Waiting", Query: waitingExample, Variables: "{}", User: "demo-approver"},
		{Title: "Approve", Query: approveExample, Variables: approveVariables, User: "demo-approver"},
		{Title: "Follow", Query: followExample, Variables: "{}", User: "demo-approver"},
	}}
}

// From the savings account of demo-owner, which takes two answers, to their current account.
const (
	overviewVariables = `{ "bankId": "gh.29.uk", "customerNumber": "5987953" }`
	payVariables      = `{
  "input": {
    "bankId": "gh.29.uk",
    "accountId": "acc_BZTWzZqoH641XdvQaqjQT",
    "idempotencyKey": "roof-1",
    "payee": { "account": { "bankId": "gh.29.uk", "accountId": "acc_BZRdBejV5d2RDfn9zbHGi" } },
    "value": { "amount": "1500.00", "currency": "EUR" },
    "description": "A new roof"
  }
}`
	approveVariables = `{
  "input": {
    "bankId": "gh.29.uk",
    "accountId": "acc_BZTWzZqoH641XdvQaqjQT",
    "transactionRequestId": "txr_",
    "challengeId": "chl_",
    "answer": "123",
    "idempotencyKey": "approve-1"
  }
}`
)

// announce tells a newcomer where to look, who they can be, and what to ask.
func (c *ServeCommand) announce(out io.Writer, address net.Addr, demo *demo) {
	base := "http://" + address.String()
	fmt.Fprint(out, "\nbankgraph is ready.\n\n")
	if c.isOn(c.Playground) {
		fmt.Fprintf(out, "  Playground  %s/\n", base)
	}
	fmt.Fprintf(out, "  GraphQL     %s/graphql\n", base)
	users := demo.users()
	if len(users) == 0 {
		fmt.Fprint(out, "\nThe demo is off. --demo=on brings demo data, demo users and tokens for them.\n")
		if c.OIDCIssuer == "" {
			fmt.Fprint(out, "Nobody can log in: name an OpenID Connect provider with --oidc-issuer.\n")
		}
		return
	}
	fmt.Fprintf(out, "\nDemo users, with tokens that are good for %d hours (more: bankgraph token --user NAME)\n", int(demoLifetime.Hours()))
	for _, user := range users {
		fmt.Fprintf(out, "\n  %s: %s\n  %s\n", user.Name, user.Description, user.Token)
	}
	fmt.Fprintf(out, "\nA first request, to paste into a shell\n\n  curl -s %s/graphql -H 'Content-Type: application/json' \\\n    -H 'Authorization: Bearer %s' \\\n    -d '{\"query\":\"%s\"}'\n\n",
		base, users[0].Token, `{ customerOverview(bankId: \"gh.29.uk\", customerNumber: \"5987953\") { legalName kycStatus accounts { nodes { label balance { amount currency } } } } }`)
}

// address is where the demo's own users reach the server; empty when the demo is off.
func (d *demo) address(listener net.Listener) string {
	if d.development == nil {
		return ""
	}
	return "http://" + listener.Addr().String()
}

func isLoopback(address net.Addr) bool {
	tcp, ok := address.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}
