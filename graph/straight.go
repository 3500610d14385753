package graph

import (
	"context"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"bankgraph/auth"
	"bankgraph/models"
)

// straight writes the answer to a field of Query from the objects to the text in one pass, where the library makes a goroutine
// an element, and a context, a closure and a boxed value a field: that was most of what a page cost.
//
// It writes what is whole, or nothing. Whatever it does not know, has to wait for, or may not show leaves the
// field to the library, as if nothing had been tried: errors, their paths and the nulls above them are made in one
// place. Each @auth is put to the caller here as there, and the resolvers are the same.
type straight struct {
	schema    *ast.Schema
	resolvers reflect.Value
	// ready marks a context in which a resolver answers with what is there, or fails, and never waits.
	ready func(context.Context) context.Context
	bound sync.Map  // of binding, by boundKey
	spare sync.Pool // of *[]byte: texts are large, and growing them is dear
	plans *plans
}

// intercept tries a field of Query once its resolver has answered.
func (s *straight) intercept(ctx context.Context, next graphql.Resolver) (any, error) {
	found, err := next(ctx)
	field := graphql.GetFieldContext(ctx)
	if err != nil || found == nil || field.Object != "Query" || len(field.Field.Selections) == 0 || strings.HasPrefix(field.Field.Name, "__") {
		return found, err
	}
	value := reflect.ValueOf(found)
	w := &straightWriter{straight: s, ctx: s.ready(ctx), operation: graphql.GetOperationContext(ctx)}
	if spare, ok := s.spare.Get().(*[]byte); ok {
		w.text = (*spare)[:0]
	}
	if !w.try(field.Field, value) {
		s.keep(w.text)
		return found, nil
	}
	return graphql.WriterFunc(func(to io.Writer) {
		_, _ = to.Write(w.text)
		s.keep(w.text)
		w.text = nil // an answer is written once
	}), nil
}

// keep keeps the room of a text for another one, and nothing else of who wrote it.
func (s *straight) keep(text []byte) { s.spare.Put(&text) }

// straightWriter writes one field of Query.
type straightWriter struct {
	*straight

	ctx       context.Context //nolint:containedctx // it lives as long as one call
	operation *graphql.OperationContext
	text      []byte
}

// try writes the value, and says whether it could.
func (w *straightWriter) try(field graphql.CollectedField, value reflect.Value) (done bool) {
	defer func() {
		if recover() != nil {
			done = false // whoever panicked does so again where the library says for which field
		}
	}()
	plan, ok := w.plans.find(w.operation, field, value.Type(), func() (*valuePlan, bool) {
		return w.plan(field.Definition.Type, field.Selections, value.Type())
	})
	return ok && plan.write(w, value)
}

// valuePlan is how the values of one place in the document are written.
type valuePlan struct {
	isRequired bool
	element    *valuePlan  // of a list
	object     *objectPlan // of an object
	scalar     appender    // of anything else
}

// objectPlan is which fields of the objects in one place are written.
type objectPlan struct{ fields []fieldPlan }

type fieldPlan struct {
	key   string // with the comma before it
	fixed string // the value, when it is always the same
	rule  *auth.Rule
	get   binding
	// arguments of a resolver or method, after the context and the object.
	arguments []reflect.Value
	value     *valuePlan
}

func (w *straightWriter) plan(t *ast.Type, selections ast.SelectionSet, from reflect.Type) (*valuePlan, bool) {
	p := &valuePlan{isRequired: t.NonNull}
	if t.Elem != nil {
		if from.Kind() != reflect.Slice {
			return nil, false
		}
		element, ok := w.plan(t.Elem, selections, from.Elem())
		p.element = element
		return p, ok
	}
	definition := w.schema.Types[t.NamedType]
	switch definition.Kind { //nolint:exhaustive // what is left has no one type in Go, or is no output
	case ast.Scalar, ast.Enum:
		p.scalar = appenderFor(definition, from)
		return p, p.scalar != nil
	case ast.Object:
		object, ok := w.object(definition, selections, from)
		p.object = object
		return p, ok
	}
	return nil, false
}

func (w *straightWriter) object(definition *ast.Definition, selections ast.SelectionSet, from reflect.Type) (*objectPlan, bool) {
	collected := graphql.CollectFields(w.operation, selections, append([]string{definition.Name}, definition.Interfaces...))
	p := &objectPlan{fields: make([]fieldPlan, len(collected))}
	separator := "{"
	for i, field := range collected {
		f, ok := w.field(definition, field, from)
		if !ok {
			return nil, false
		}
		f.key = separator + strconv.Quote(field.Alias) + ":"
		p.fields[i], separator = f, ","
	}
	return p, len(p.fields) > 0
}

func (w *straightWriter) field(of *ast.Definition, field graphql.CollectedField, from reflect.Type) (f fieldPlan, ok bool) {
	if field.Name == "__typename" {
		return fieldPlan{fixed: strconv.Quote(of.Name)}, true
	}
	for _, directive := range field.Definition.Directives {
		if !slices.Contains([]string{"auth", "public", "deprecated", "personal"}, directive.Name) {
			return f, false
		}
	}
	if rule, declared := RuleOf(field.Definition); declared && !rule.Public {
		f.rule = &rule
	}
	if f.get, ok = w.bind(of.Name, field.Name, from); !ok {
		return f, false
	}
	if f.arguments, ok = w.arguments(field); !ok || len(f.arguments) != f.get.arguments {
		return f, false
	}
	f.value, ok = w.plan(field.Definition.Type, field.Selections, f.get.result)
	return f, ok
}

// arguments are those of pages, in the order of the schema; fields with others are not written here.
func (w *straightWriter) arguments(field graphql.CollectedField) (arguments []reflect.Value, ok bool) {
	if len(field.Definition.Arguments) == 0 {
		return nil, true
	}
	given := field.ArgumentMap(w.operation.Variables)
	for _, argument := range field.Definition.Arguments {
		number, text := (*int)(nil), (*string)(nil)
		var err error
		value, name := given[argument.Name], argument.Type.String()
		switch {
		case name == "Int" && value != nil:
			var n int
			n, err = graphql.UnmarshalInt(value)
			number = &n
		case name == "Cursor" && value != nil:
			var t string
			t, err = models.UnmarshalCursor(value)
			text = &t
		}
		switch {
		case err != nil:
			return nil, false
		case name == "Int":
			arguments = append(arguments, reflect.ValueOf(number))
		case name == "Cursor":
			arguments = append(arguments, reflect.ValueOf(text))
		default:
			return nil, false
		}
	}
	return arguments, true
}

// write writes a value, and says whether it is whole.
func (p *valuePlan) write(w *straightWriter, value reflect.Value) bool {
	if k := value.Kind(); (k == reflect.Pointer || k == reflect.Slice) && value.IsNil() && (k == reflect.Pointer || !p.isRequired) {
		w.text = append(w.text, "null"...)
		return !p.isRequired
	}
	switch {
	case p.scalar != nil:
		if value.Kind() == reflect.Pointer {
			value = value.Elem()
		}
		w.text = p.scalar(w.text, value)
		return true
	case p.object != nil:
		return p.object.write(w, value)
	}
	w.text = append(w.text, '[')
	for i := range value.Len() {
		if i > 0 {
			w.text = append(w.text, ',')
		}
		if !p.element.write(w, value.Index(i)) {
			return false
		}
	}
	w.text = append(w.text, ']')
	return true
}

func (p *objectPlan) write(w *straightWriter, object reflect.Value) bool {
	if object.Kind() != reflect.Pointer {
		object = object.Addr()
	}
	for i := range p.fields {
		f := &p.fields[i]
		w.text = append(w.text, f.key...)
		if f.fixed != "" {
			w.text = append(w.text, f.fixed...)
			continue
		}
		if f.rule != nil {
			row, ok := object.Interface().(models.Referrer)
			if !ok || !f.rule.Admits(w.ctx, row.Ref()) {
				return false
			}
		}
		value, ok := f.get.read(w.ctx, object, f.arguments)
		if !ok || !f.value.write(w, value) {
			return false
		}
	}
	w.text = append(w.text, '}')
	return true
}
