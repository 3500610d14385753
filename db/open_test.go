package db_test

import (
	"context"
	"net"
	"net/url"
	"strings"
	"testing"

	"bankgraph/db"
	"bankgraph/db/dbtest"
)

// secrets are in every address below, and may be in no sentence.
var secrets = []string{"canary-user", "canary-password", "canary-database"}

func TestOpenSaysInOneSentenceWhatIsWrongWithTheAddress(t *testing.T) {
	t.Parallel()
	server := dbtest.Blank(t)
	as := func(user *url.Userinfo, database string) string {
		return with(t, server, func(parsed *url.URL) { parsed.User, parsed.Path = user, database })
	}
	own, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	canary := url.UserPassword("canary-user", "canary-password")
	closed := closedPort(t)
	for name, test := range map[string]struct{ address, want string }{
		"no address at all":                 {"canary-password", "is not understood"},
		"another scheme":                    {"mysql://canary-user:canary-password@localhost/canary-database", "is not understood"},
		"a port that is no number":          {"postgres://canary-user:canary-password@localhost:port/canary-database", "is not understood"},
		"a percent sign in the password":    {"postgres://canary-user:canary-password%@localhost/canary-database", "is not understood"},
		"a setting that does not exist":     {"postgres://canary-user:canary-password@localhost/canary-database?sslmode=canary-user", "is not understood"},
		"a certificate that does not exist": {"postgres://canary-user:canary-password@localhost/canary-database?sslrootcert=/nowhere", "is not understood"},
		"nobody listens":                    {"postgres://canary-user:canary-password@" + closed + "/canary-database", "does not answer"},
		"nobody listens, without TLS":       {"postgres://canary-user:canary-password@" + closed + "/canary-database?sslmode=disable", "does not answer"},
		"nobody listens at two addresses":   {"postgres://canary-user:canary-password@" + closed + "," + closed + "/canary-database", "does not answer"},
		"a host without a name":             {"postgres://canary-user:canary-password@canary.invalid/canary-database", "does not answer"},
		"another user, with a password":     {as(canary, own.Path), "does not answer"},
		"the right user, a wrong password":  {as(url.UserPassword(own.User.Username(), "canary-password"), own.Path), "does not answer"},
		"a database that does not exist":    {as(own.User, "/canary-database"), "does not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, err := db.Open(t.Context(), test.address, db.Options{})
			if err == nil {
				store.Close()
				t.Fatal("it was opened")
			}
			sentence := err.Error()
			if !strings.Contains(sentence, test.want) || strings.ContainsAny(sentence, "\n\t") || len(sentence) > 200 {
				t.Errorf("%q", sentence)
			}
			for _, secret := range append(secrets, own.User.String()) {
				if strings.Contains(sentence, secret) {
					t.Errorf("%q is in %q", secret, sentence)
				}
			}
			if strings.Contains(name, "right user") && strings.Contains(sentence, own.User.Username()) {
				t.Errorf("the user is in %q", sentence)
			}
		})
	}
}

// closedPort is an address where nobody listens any more.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func TestOpenGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if store, err := db.Open(ctx, dbtest.Blank(t), db.Options{}); err == nil {
		store.Close()
		t.Error("it was opened after the context had ended")
	}
}

func TestEveryConnectionHasTheLimitsOfTheHouse(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	for setting, want := range map[string]string{
		"application_name": "bankgraph", "TimeZone": "UTC", "statement_timeout": "8s", "lock_timeout": "5s",
		"idle_in_transaction_session_timeout": "10s",
	} {
		if got := scan[string](t, store, "SELECT current_setting($1)", setting); got != want {
			t.Errorf("%s is %s instead of %s", setting, got, want)
		}
	}
	if err := store.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}
