package graph

import (
	"context"
	"reflect"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"bankgraph/models"
)

// strictVariables checks of variables what the library checks of documents only: that an enum value is spelled
// as the schema does, that an Int is no text, and that an input with @oneOf has exactly one field.
type strictVariables struct {
	hook

	schema *ast.Schema
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationContextMutator
} = strictVariables{}

// MutateOperationContext changes nothing; it is where an extension sees the variables first.
func (s strictVariables) MutateOperationContext(_ context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	for _, variable := range operation.Operation.VariableDefinitions {
		value, given := operation.Variables[variable.Variable]
		if !given {
			continue
		}
		path := ast.Path{ast.PathName("variable"), ast.PathName(variable.Variable)}
		if refusal := s.check(variable.Type, value, path); refusal != nil {
			return refusal
		}
	}
	return nil
}

func (s strictVariables) check(of *ast.Type, value any, path ast.Path) *gqlerror.Error {
	if value == nil {
		return nil // whether it may be, the library has checked
	}
	if of.Elem != nil {
		items := reflect.ValueOf(value) // one value instead of a list is a list of its type by now
		if items.Kind() != reflect.Slice {
			return s.check(of.Elem, value, path)
		}
		for i := range items.Len() {
			if refusal := s.check(of.Elem, items.Index(i).Interface(), append(path, ast.PathIndex(i))); refusal != nil {
				return refusal
			}
		}
		return nil
	}
	definition := s.schema.Types[of.NamedType]
	switch definition.Kind { //nolint:exhaustive // of the others nothing is left to check
	case ast.Enum:
		if name, isText := value.(string); !isText || definition.EnumValues.ForName(name) == nil {
			return wrongVariable(path, "This is no value of %s.", definition.Name)
		}
	case ast.Scalar:
		if _, isText := value.(string); isText && definition.Name == "Int" {
			return wrongVariable(path, "Int must be given as a number.") // and has a price that is known
		}
	case ast.InputObject:
		return s.checkInput(definition, value, path)
	}
	return nil
}

func (s strictVariables) checkInput(definition *ast.Definition, value any, path ast.Path) *gqlerror.Error {
	fields, _ := value.(map[string]any)
	if definition.Directives.ForName("oneOf") != nil {
		var only any
		for _, value := range fields {
			only = value
		}
		if len(fields) != 1 || only == nil {
			return wrongVariable(path, "%s takes exactly one field, and not null.", definition.Name)
		}
	}
	for _, field := range definition.Fields {
		if refusal := s.check(field.Type, fields[field.Name], append(path, ast.PathName(field.Name))); refusal != nil {
			return refusal
		}
	}
	return nil
}

func wrongVariable(path ast.Path, format string, arguments ...any) *gqlerror.Error {
	refusal := gqlerror.Wrap(models.Errorf(models.ValidationFailed, format, arguments...))
	refusal.Path = append(ast.Path{}, path...)
	return refusal
}
