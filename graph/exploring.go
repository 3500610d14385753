package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"bankgraph/auth"
)

// Introspection says who may read the schema.
type Introspection string

// Who may read the schema.
const (
	IntrospectionOn     Introspection = "on"   // everybody
	IntrospectionByRole Introspection = "role" // callers with the role CanExploreGraph
	IntrospectionOff    Introspection = "off"  // nobody
)

var _ interface {
	graphql.HandlerExtension
	graphql.OperationContextMutator
} = IntrospectionOn

// ExtensionName names the extension.
func (Introspection) ExtensionName() string { return "Introspection" }

// Validate has nothing to check.
func (Introspection) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext switches introspection on for this operation, or not.
func (i Introspection) MutateOperationContext(ctx context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	operation.DisableIntrospection = i != IntrospectionOn && (i != IntrospectionByRole || auth.ExploreGraph.AllowSomewhere(ctx) != nil)
	return nil
}

// withoutSuggestions are the validator's rules in their forms that do not say what is similar: a "did you mean" would
// tell the names that introspection does not.
func withoutSuggestions() *rules.Rules {
	all := rules.NewDefaultRules()
	for loud, quiet := range map[string]core.Rule{
		rules.FieldsOnCorrectTypeRule.Name: rules.FieldsOnCorrectTypeRuleWithoutSuggestions,
		rules.KnownArgumentNamesRule.Name:  rules.KnownArgumentNamesRuleWithoutSuggestions,
		rules.KnownTypeNamesRule.Name:      rules.KnownTypeNamesRuleWithoutSuggestions,
		rules.ScalarLeafsRule.Name:         rules.ScalarLeafsRuleWithoutSuggestions,
		rules.ValuesOfCorrectTypeRule.Name: rules.ValuesOfCorrectTypeRuleWithoutSuggestions,
	} {
		all.RemoveRule(loud)
		all.AddRule(quiet.Name, quiet.RuleFunc)
	}
	return all
}

// listed is how many objects introspection's lists have, or a little more.
var listed = map[string]int{
	"types": 100, "directives": 8, "fields": 12, "args": 2, "inputFields": 2, "enumValues": 4, "possibleTypes": 4,
}

// explored is how many values of the schema a selection gives. What editors ask for at once is affordable twice; under
// fifty names in one document it would be some hundred megabytes.
func (b *bill) explored(selections ast.SelectionSet) int {
	all := 0
	for _, selection := range selections {
		switch selection := selection.(type) {
		case *ast.Field:
			inner := b.explored(selection.SelectionSet)
			if selection.Name == "ofType" {
				inner /= 2 // few types are lists in lists, but all who ask look for them
			}
			all = b.sum(all, b.times(max(1, listed[selection.Name]), b.sum(1, inner)))
		case *ast.InlineFragment:
			all = b.sum(all, b.explored(selection.SelectionSet))
		case *ast.FragmentSpread:
			key := priced{fragment: selection.Name, size: ofSchema}
			if _, done := b.known[key]; !done {
				if definition := b.document.Fragments.ForName(selection.Name); definition != nil {
					b.known[key] = b.explored(definition.SelectionSet)
				}
			}
			all = b.sum(all, b.known[key])
		}
	}
	return all
}

// ofSchema is the size under which a fragment's price is known that is spread in introspection.
const ofSchema = -1
