package main

import (
	"encoding/json"
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bankgraph/db/dbtest"
)

func TestTheReadmeShowsRealRequestsAndTheirRealAnswers(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	door := openDoor(t, dbtest.Seeded(t))
	examples := regexp.MustCompile("(?s)```graphql\n(.*?)```\n\n```json\n(.*?)```").FindAllSubmatch(readme, -1)
	if len(examples) < 2 {
		t.Errorf("%d requests with an answer", len(examples))
	}
	for _, example := range examples {
		var want, got any
		user := "demo-admin" // unless the first line says who asks, as in testdata/ops
		if named := regexp.MustCompile(`^# as (\S+)\n`).FindSubmatch(example[1]); named != nil {
			user = string(named[1])
		}
		answer := door.ask(user, string(example[1]), nil)
		if err := json.Unmarshal(example[2], &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(answer.raw, &got); err != nil {
			t.Fatal(err)
		}
		if difference := cmp.Diff(want, got); difference != "" {
			t.Errorf("the README's answer is not what the graph says (-README +graph):\n%s", difference)
		}
	}
}
