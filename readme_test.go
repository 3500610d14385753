package main

import (
	"encoding/json"
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bankgraph/db/dbtest"
)

func TestTheReadmeShowsARealRequestAndItsRealAnswer(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := func(language string) string {
		return string(regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindSubmatch(readme)[1])
	}
	var want, got any
	answer := openDoor(t, dbtest.Seeded(t)).ask("demo-admin", block("graphql"), nil)
	if err := json.Unmarshal([]byte(block("json")), &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(answer.raw, &got); err != nil {
		t.Fatal(err)
	}
	if difference := cmp.Diff(want, got); difference != "" {
		t.Errorf("the README's answer is not what the graph says (-README +graph):\n%s", difference)
	}
}
