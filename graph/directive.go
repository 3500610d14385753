package graph

import (
	"context"
	"fmt"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"bankgraph/auth"
	"bankgraph/models"
)

// authorize is @auth: it puts the field's rule to the caller before the field is read. Where the rows'
// bank is not known yet, it asks whether the caller may see rows anywhere; which of them, their reader decides.
func authorize(ctx context.Context, object any, next graphql.Resolver, roles []string, own bool, permission *string, self bool) (any, error) {
	rule := auth.Declared(roles, own, models.Text(permission)).OrSelf(self)
	if err := allow(ctx, rule, object); err != nil {
		return nil, err
	}
	return next(ctx)
}

// ofNobody are the objects that belong to nobody: what their fields give is judged where it is read.
var ofNobody = map[string]bool{"Query": true, "Viewer": true, "EventHeads": true}

func allow(ctx context.Context, rule auth.Rule, object any) error {
	field := graphql.GetFieldContext(ctx)
	switch field.Object {
	case "Mutation":
		// A missing role is a rejection in the payload, which only the verb can make.
		return auth.RequireLogin(ctx)
	case "Subscription":
		// A stream goes on, and so does its rule.
		if bankID, ok := bankArgument(field.Args); ok {
			return auth.Keep(ctx, rule, models.Ref{BankID: bankID})
		}
		return auth.KeepSomewhere(ctx, rule)
	}
	if row, ok := object.(models.Referrer); ok {
		return rule.Allow(ctx, row.Ref())
	}
	if bankID, ok := bankArgument(field.Args); ok && !rule.Own && !rule.Self {
		return rule.Allow(ctx, models.Ref{BankID: bankID})
	}
	if !ofNobody[field.Object] {
		// Without its bank a row would be shown to whoever holds the role anywhere.
		return fmt.Errorf("%s.%s has a rule, but %T does not say to whom it belongs", field.Object, field.Field.Name, object)
	}
	return rule.AllowSomewhere(ctx)
}

// bankArgument is the bank that the field's arguments name.
func bankArgument(arguments map[string]any) (string, bool) {
	switch bankID := arguments["bankId"].(type) {
	case string:
		return bankID, true
	case *string:
		return models.Text(bankID), bankID != nil
	}
	return "", false
}

// RuleOf is the rule that a field's @auth or @public declares; ok is false when it declares neither.
func RuleOf(field *ast.FieldDefinition) (rule auth.Rule, ok bool) {
	if field.Directives.ForName("public") != nil {
		return auth.Everybody, true
	}
	directive := field.Directives.ForName("auth")
	if directive == nil {
		return auth.Rule{}, false
	}
	var roles []auth.Role
	if argument := directive.Arguments.ForName("roles"); argument != nil {
		for _, role := range argument.Value.Children {
			roles = append(roles, role.Value.Raw)
		}
	}
	own, permission, self := "", "", ""
	if argument := directive.Arguments.ForName("own"); argument != nil {
		own = argument.Value.Raw
	}
	if argument := directive.Arguments.ForName("permission"); argument != nil {
		permission = argument.Value.Raw
	}
	if argument := directive.Arguments.ForName("self"); argument != nil {
		self = argument.Value.Raw
	}
	return auth.Declared(roles, own == "true", permission).OrSelf(self == "true"), true
}
