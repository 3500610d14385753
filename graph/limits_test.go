package graph

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

func refusal(t *testing.T, document string) string {
	t.Helper()
	parsed, err := parser.ParseQuery(&ast.Source{Input: document})
	if err != nil {
		t.Fatal(err)
	}
	if refusal := DefaultLimits.measure(parsed); refusal != nil {
		return refusal.Message
	}
	return ""
}

// doubling are fragments each of which spreads the next one twice: a few hundred bytes for 2^levels fields.
func doubling(levels int) string {
	var document strings.Builder
	document.WriteString("{ a { ...f0 } }")
	for i := range levels {
		fmt.Fprintf(&document, " fragment f%d on A { ...f%d ...f%d }", i, i+1, i+1)
	}
	fmt.Fprintf(&document, " fragment f%d on A { b }", levels)
	return document.String()
}

func TestDocumentsThatAreTooLargeAreRefused(t *testing.T) {
	t.Parallel()
	nested := func(levels int) string {
		return strings.Repeat("{ a ", levels) + strings.Repeat("}", levels)
	}
	aliases := func(number int) string {
		var fields strings.Builder
		for i := range number {
			fmt.Fprintf(&fields, "a%d: b ", i)
		}
		return "{ c { " + fields.String() + "} }"
	}
	for name, c := range map[string]struct {
		document string
		refusal  string // a part of it; empty when it is taken
	}{
		"as deep as allowed":                     {nested(DefaultLimits.Depth), ""},
		"G01 one level deeper":                   {nested(DefaultLimits.Depth + 1), "levels of fields"},
		"G01 nested 300 times":                   {nested(300), "levels of fields"},
		"G01 deep by fragments":                  {"{ a { ...f } } fragment f on A " + nested(DefaultLimits.Depth), "levels of fields"},
		"as many aliases as allowed":             {aliases(DefaultLimits.Aliases), ""},
		"G02 one alias more":                     {aliases(DefaultLimits.Aliases + 1), "aliases"},
		"B01 64 aliases of one field":            {"mutation { " + strings.Repeat("a: b ", 64) + "}", "aliases"},
		"aliases in a fragment count each time":  {"{ a { ...f } b { ...f } } fragment f on A { " + strings.Repeat("x: y ", 30) + "}", "aliases"},
		"as many root fields as allowed":         {"{ " + strings.Repeat("a ", DefaultLimits.RootFields) + "}", ""},
		"one root field more":                    {"{ " + strings.Repeat("a ", DefaultLimits.RootFields+1) + "}", "root fields"},
		"root fields in a fragment":              {"{ ...f } fragment f on Query { " + strings.Repeat("a ", DefaultLimits.RootFields+1) + "}", "root fields"},
		"G02 a field 201 times":                  {"{ a { " + strings.Repeat("b ", DefaultLimits.Selections+1) + "} }", "entries"},
		"G02 directives on one field":            {"{ a " + strings.Repeat("@skip(if: false) ", DefaultLimits.Directives+1) + "}", "directives"},
		"G02 directives on a spread":             {"{ ...f " + strings.Repeat("@skip(if: false) ", DefaultLimits.Directives+1) + "} fragment f on Query { a }", "directives"},
		"fragments that double 20 times":         {doubling(20), "with every fragment"},
		"fragments that double 200 times":        {doubling(200), "with every fragment"},
		"fragments that double a little":         {doubling(3), ""},
		"a fragment that spreads itself":         {"{ ...f } fragment f on Query { a ...f }", ""},
		"two fragments that spread each other":   {"{ ...f } fragment f on Query { ...g } fragment g on Query { ...f }", ""},
		"a large fragment that nobody spreads":   {"{ a } fragment f on Query { " + strings.Repeat("b ", DefaultLimits.Selections+1) + "}", "entries"},
		"an unknown fragment is for others":      {"{ ...unknown }", ""},
		"introspection may be deep":              {"{ __schema " + nested(20) + " }", ""},
		"a field called like an alias of itself": {"{ a: a }", ""},
		"a long name":                            {"{ " + strings.Repeat("a", maxName) + " }", ""},
		"G02 a name that is longer":              {"{ " + strings.Repeat("a", maxName+1) + " }", "letters"},
		"G02 a type that is longer":              {"{ ... on " + strings.Repeat("a", maxName+1) + " { a } }", "letters"},
		"G02 a value that is longer":             {"{ a(a: [{ a: " + strings.Repeat("a", maxName+1) + " }]) }", "letters"},
		"G02 a variable that is longer":          {"query ($" + strings.Repeat("a", maxName+1) + ": Int) { a }", "letters"},
		"dozens of operations beside each other": {times(40, "query q%[1]d { a { b c d } } "), ""},
		"fragments for each part of a page":      {"{ a { " + times(60, "...f%[1]d ") + "} } " + times(60, "fragment f%[1]d on A { id name b { id name } } "), ""},
		"one object under fifty aliases":         {"{ a { " + times(50, "a%[1]d: b { "+times(20, "c%[1]d d%[1]d ")+"} ") + "} }", ""},
		"G02 operations that share a fragment":   {times(200, "query q%[1]d { ...f } ") + "fragment f on Query { a { " + times(190, "b ") + "} }", "too often"},
		"G02 a field that is repeated 900 times": {"{ a { " + times(5, "... { "+times(180, "b ")+"} ") + "} }", "too often"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := refusal(t, c.document)
			if c.refusal == "" && got != "" || !strings.Contains(got, c.refusal) {
				t.Errorf("%q instead of %q", got, c.refusal)
			}
		})
	}
}

func TestTheExamplesAreFarFromTheLimits(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"../web/examples/*.graphql", "../testdata/ops/*.graphql"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, file := range files {
			document, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got := refusal(t, string(document)); got != "" {
				t.Errorf("%s: %s", file, got)
			}
		}
	}
}

func FuzzMeasure(f *testing.F) {
	f.Add("{ a }")
	f.Add(doubling(5))
	f.Add("{ ...f } fragment f on Query { a ...f }")
	f.Fuzz(func(t *testing.T, document string) {
		parsed, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: document}, DefaultLimits.Tokens)
		if err != nil {
			t.Skip()
		}
		DefaultLimits.measure(parsed) // it must end, whatever the document
	})
}
