package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// rooms says who may import whom: a room is a folder, and the list has the rooms of ours that it may use. A room
// that is not here may use none. Tests may use more: they look at the house from outside.
var rooms = map[string][]string{
	"models":          {},
	"telemetry":       {},
	"auth":            {"models"},
	"ledger":          {"models"},
	"db":              {"models"},
	"db/embedded":     {},
	"db/seed":         {"db", "ledger", "bank", "models"},
	"db/dbtest":       {"db", "db/embedded", "db/seed", "ledger", "bank", "models"},
	"events":          {"models"},
	"mail":            {},
	"outbox":          {"db", "mail", "models"},
	"secret":          {},
	"files":           {"models"},
	"mail/mailtest":   {},
	"files/filestest": {"files"},
	"files/transfer":  {"auth", "bank", "files", "graph", "models", "telemetry"},
	"bank":            {"auth", "db", "events", "files", "ledger", "mail", "models", "outbox"},
	"loaders":         {"db", "models", "auth", "telemetry"},
	"graph":           {"auth", "models", "telemetry"},
	"resolvers":       {"graph", "bank", "db", "loaders", "events", "auth", "models"},
	"web":             {},
	"bench":           {"auth", "bank", "db", "db/embedded", "db/seed", "graph", "ledger", "loaders", "models", "resolvers", "telemetry"},
}

// foreign says which libraries a room must not know.
var foreign = map[string][]string{
	"models":    {"database/sql", "github.com/jackc/", "net/http"},
	"bank":      {"github.com/99designs/", "github.com/uptrace/bun", "database/sql", "net/http"},
	"files":     {"github.com/99designs/", "github.com/uptrace/bun", "database/sql", "github.com/jackc/"},
	"outbox":    {"github.com/99designs/", "github.com/uptrace/bun", "database/sql", "github.com/jackc/"},
	"mail":      {"github.com/99designs/", "github.com/uptrace/bun", "database/sql", "github.com/jackc/", "net/http"},
	"resolvers": {"github.com/uptrace/bun", "database/sql", "github.com/jackc/"},
	"graph":     {"github.com/uptrace/bun", "database/sql", "github.com/jackc/"},
	"telemetry": {"github.com/uptrace/bun", "database/sql", "github.com/99designs/", "github.com/vektah/"},
	"auth":      {"github.com/uptrace/bun", "database/sql", "github.com/jackc/", "github.com/99designs/"},
}

type listedPackage struct {
	ImportPath string
	Imports    []string
}

func TestRoomsImportOnlyWhatTheyMay(t *testing.T) {
	t.Parallel()
	const module = "bankgraph/"
	for _, p := range listPackages(t) {
		room := strings.TrimPrefix(p.ImportPath, module)
		if room == "bankgraph" {
			continue // server.go may import everything
		}
		allowed, known := rooms[room]
		if !known {
			t.Errorf("%s is no room of the house: give it a line in rooms, or put it elsewhere", room)
		}
		for _, imported := range p.Imports {
			if ours, found := strings.CutPrefix(imported, module); found && !slices.Contains(allowed, ours) {
				t.Errorf("%s must not import %s", room, ours)
			}
			if slices.ContainsFunc(foreign[room], func(prefix string) bool { return strings.HasPrefix(imported, prefix) }) {
				t.Errorf("%s must not import %s", room, imported)
			}
		}
	}
}

func listPackages(t *testing.T) []listedPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var packages []listedPackage
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listedPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}
