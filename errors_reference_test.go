package main

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bankgraph/graph"
	"bankgraph/models"
)

// TestErrorsReference makes docs/errors.md from the schema, and from the places in the code where errors are made.
func TestErrorsReference(t *testing.T) {
	t.Parallel()
	types := graph.Contract().Types
	var page strings.Builder
	page.WriteString(`# Errors

This page is made from the program. Whatever goes wrong, ` + "`correlationId`" + ` finds it in the server's log, and ` + "`retryable`" + ` says whether the same request may do later.

## Errors of a request

All that is no outcome of business comes in the list ` + "`errors`, with `extensions { code, obpCode, correlationId, retryable }`" + `. A request that was not executed at all
has the status below when the client accepts ` + "`application/graphql-response+json`" + `; in plain JSON 400 is 200, as older clients expect. A body that is no
request has 400, 405, 406, 413 or 415 in both.

| code | status | retryable | meaning |
|---|---|---|---|
`)
	for _, value := range types["ErrorCode"].EnumValues {
		code := models.Code(value.Name)
		fmt.Fprintf(&page, "| `%s` | %d | %t | %s |\n", code, max(graph.StatusOf(code), http.StatusBadRequest), code.IsRetryable(), value.Description)
	}
	page.WriteString(`
## Rejections of a mutation

A mutation that was not done says why in its payload: select ` + "`... on Rejection { code obpCode message correlationId }`" + `, and the type's own fields where they help.

| code | type | when |
|---|---|---|
`)
	for _, value := range types["RejectionCode"].EnumValues {
		_, rejection, _ := strings.Cut(strings.TrimSuffix(value.Description, "."), ": ")
		fmt.Fprintf(&page, "| `%s` | %s | %s |\n", value.Name, rejection, types[strings.Trim(rejection, "`")].Description)
	}
	page.WriteString(`
## OBP's numbers

| obpCode | code | where it comes from, and what it says |
|---|---|---|
`)
	for _, row := range obpCodes(t) {
		page.WriteString(row)
	}
	golden(t, []byte(page.String()), "..", "docs", "errors.md")
}

// made finds where an error gets OBP's number: the function that makes it, its code or its first words, and the number.
var made = regexp.MustCompile(`(?:(Errorf)\((?:models\.)?(\w+), "([^"]*)"|(Invalid|Missing|badInput)\((?:[a-z]+ ?\+ ?)?(?:"([^"]*)")?).*\.OBP\("(OBP-\d+)"\)`)

// obpCodes are the rows of the table, sorted.
func obpCodes(t *testing.T) []string {
	t.Helper()
	codes := map[string]models.Code{"Invalid": models.BadInput, "badInput": models.BadInput, "Missing": models.NotFound}
	var rows []string
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, found := range made.FindAllStringSubmatch(string(source), -1) {
			code, sentence := codes[found[4]], found[3]+found[5]
			if found[1] != "" {
				code = codeNamed(t, found[2])
			}
			if found[4] == "Missing" {
				sentence += " … was not found."
			}
			if strings.HasPrefix(sentence, " ") { // it begins with a name
				sentence = "…" + sentence
			}
			if sentence == "" || sentence == "%s" {
				sentence = "(a sentence about the argument)"
			}
			rows = append(rows, fmt.Sprintf("| `%s` | `%s` | %s |\n", found[6], code, regexp.MustCompile(`%[a-z]`).ReplaceAllString(sentence, "…")))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(rows)
	return slices.Compact(rows)
}

// codeNamed is the value of a constant of models, by its name.
func codeNamed(t *testing.T, name string) models.Code {
	t.Helper()
	source, err := os.ReadFile("models/error.go")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`\b` + name + ` +Code = "(\w+)"`).FindSubmatch(source)
	if found == nil {
		t.Fatalf("models has no code %s", name)
	}
	return models.Code(found[1])
}

// TestEveryCodeIsInTheSchema says that clients can look up every code that they may meet.
func TestEveryCodeIsInTheSchema(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("models/error.go")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`Code = "(\w+)"`).FindAllSubmatch(source, -1)
	if len(found) < 10 {
		t.Fatal("no codes in models/error.go")
	}
	types := graph.Contract().Types
	for _, code := range found {
		name := string(code[1])
		if types["ErrorCode"].EnumValues.ForName(name) == nil && types["RejectionCode"].EnumValues.ForName(name) == nil {
			t.Errorf("%s is neither an ErrorCode nor a RejectionCode", name)
		}
	}
	for _, value := range types["ErrorCode"].EnumValues {
		if !strings.Contains(string(source), `"`+value.Name+`"`) {
			t.Errorf("%s is in the schema, and no error has it", value.Name)
		}
	}
}
