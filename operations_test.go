package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bankgraph/db/dbtest"
	"bankgraph/graph"
)

// operation is a request in testdata/ops. Its first line says who asks: "# as demo-admin"; and for a subscription what happens meanwhile: "# as demo-admin when addKycStatus".
type operation struct {
	name      string
	user      string
	query     string
	variables map[string]any
	field     string // the root field that it asks for
	when      string // of a subscription: the operation that makes something happen
}

var rootField = regexp.MustCompile(`(?m)^  (\w+)`)

func operations(t testing.TB) []operation {
	t.Helper()
	files, err := filepath.Glob("testdata/ops/*.graphql")
	if err != nil || len(files) == 0 {
		t.Fatal("no operations in testdata/ops", err)
	}
	var all []operation
	for _, file := range files {
		query, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		op := operation{name: strings.TrimSuffix(filepath.Base(file), ".graphql"), query: string(query)}
		first, _, _ := strings.Cut(op.query, "\n")
		op.user, op.when, _ = strings.Cut(strings.TrimPrefix(first, "# as "), " when ")
		op.field = rootField.FindStringSubmatch(op.query)[1]
		if variables, err := os.ReadFile(strings.TrimSuffix(file, ".graphql") + ".variables.json"); err == nil {
			if err := json.Unmarshal(variables, &op.variables); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
		}
		all = append(all, op)
	}
	return all
}

// chance is what differs between two runs: what the server makes up itself.
var chance = regexp.MustCompile(`"/files/[^"]+"|"eyJ[\w-]+"|"whsec_[0-9a-f]{64}"|"(req|ent|chl|acc|cpt|fxr|trt|tad|txr|txn|tra|cus|aud|adr|tax|cat|smh|ucl|crm|inv|avw|obx|whk|bnk|kyfil|kychk|kymed|kysta)_[1-9A-HJ-NP-Za-km-z]{20,22}"|"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"|"(20[2-9]\d-\d\d-\d\dT[0-9:.]+Z)"`)

func TestOperations(t *testing.T) {
	t.Parallel()
	named := map[string]operation{}
	for _, op := range operations(t) {
		named[op.name] = op
	}
	for _, op := range operations(t) {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			store := dbtest.Seeded(t)
			dbtest.CheckMoney(t, store.Pool())
			d := openDoor(t, store)
			var answer reply
			if isSubscription(op.query) {
				answer = d.happens(t, op, named[op.when])
			} else {
				answer = d.ask(op.user, op.query, op.variables)
			}
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, answer.raw, "", "  "); err != nil {
				t.Fatalf("%v in %s", err, answer.raw)
			}
			shown := pretty.Bytes()
			if strings.Contains(op.query, "\nmutation ") || isSubscription(op.query) {
				shown = chance.ReplaceAll(shown, []byte(`"made by the server"`))
			}
			golden(t, append(bytes.TrimSpace(shown), '\n'), "ops", op.name+".golden.json")
		})
	}
}

func TestEveryRootFieldHasAnOperation(t *testing.T) {
	t.Parallel()
	contract := graph.Contract()
	asked := []string{}
	for _, op := range operations(t) {
		asked = append(asked, op.field)
	}
	for _, field := range slices.Concat(contract.Query.Fields, contract.Mutation.Fields, contract.Subscription.Fields) {
		if !strings.HasPrefix(field.Name, "__") && !slices.Contains(asked, field.Name) {
			t.Errorf("no file in testdata/ops asks for %s", field.Name)
		}
	}
}
