package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
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
