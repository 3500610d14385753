package graph

import (
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
)

// Contract is the schema as the server serves it: the description of every field that asks for more than its
// object ends with a sentence that says what, made from its @auth, which clients cannot see.
var Contract = sync.OnceValue(func() *ast.Schema {
	schema := NewExecutableSchema(Config{}).Schema()
	// What the library makes of it is wrong: fields that may not be null are null in the first part, and by POST the others never come.
	delete(schema.Directives, "defer")
	for _, definition := range schema.Types {
		if definition.BuiltIn {
			continue
		}
		for _, field := range definition.Fields {
			if rule, ok := RuleOf(field); ok && !rule.Public {
				field.Description += " Requires: " + rule.Sentence() + "."
			}
		}
	}
	return schema
})

// SDL is the contract as text, sorted by name.
func SDL() string {
	var text strings.Builder
	formatter.NewFormatter(&text, formatter.WithIndent("  ")).FormatSchema(Contract())
	return text.String()
}
