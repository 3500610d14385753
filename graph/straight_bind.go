package graph

import (
	"context"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/vektah/gqlparser/v2/ast"

	"bankgraph/models"
)

// binding is where the value of a field comes from: a resolver, a method of the object, or a field of its struct.
type binding struct {
	function  reflect.Value // of the resolver, bound to it; or of the method, with its object as the first argument
	isMethod  bool
	hasCtx    bool
	arguments int // besides context and object
	index     []int
	result    reflect.Type
}

type boundKey struct {
	typeName, field string
	from            reflect.Type
}

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
)

// bind finds the value of a field as the library does: by its name, whatever the case of the letters.
func (s *straight) bind(typeName, field string, from reflect.Type) (binding, bool) {
	if from.Kind() != reflect.Pointer {
		from = reflect.PointerTo(from)
	}
	key := boundKey{typeName, field, from}
	if known, ok := s.bound.Load(key); ok {
		found := known.(binding)
		return found, found.result != nil
	}
	found := s.look(typeName, field, from)
	s.bound.Store(key, found)
	return found, found.result != nil
}

func (s *straight) look(typeName, field string, from reflect.Type) binding {
	if resolver := s.resolvers.MethodByName(typeName); resolver.IsValid() {
		methods := resolver.Call(nil)[0]
		if method, ok := methodNamed(methods.Type(), field); ok {
			return callable(binding{function: methods.Method(method.Index)}, 2)
		}
	}
	if method, ok := methodNamed(from, field); ok {
		return callable(binding{function: method.Func, isMethod: true}, 1)
	}
	if column, ok := from.Elem().FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, field) }); ok {
		return binding{index: column.Index, result: column.Type}
	}
	return binding{}
}

func methodNamed(t reflect.Type, name string) (reflect.Method, bool) {
	for i := range t.NumMethod() {
		if strings.EqualFold(t.Method(i).Name, name) {
			return t.Method(i), true
		}
	}
	return reflect.Method{}, false
}

// callable is the binding to a function with this many arguments of its own, when it has the form of one.
func callable(b binding, own int) binding {
	t := b.function.Type()
	b.hasCtx = t.NumIn() > 0 && t.In(0) == contextType || t.NumIn() > 1 && t.In(1) == contextType
	if b.isMethod && b.hasCtx {
		own++
	}
	b.arguments = t.NumIn() - own
	if t.NumOut() == 1 || t.NumOut() == 2 && t.Out(1) == errorType {
		b.result = t.Out(0)
	}
	return b
}

// read is the value of a field of an object; false when it could not be read.
func (b *binding) read(ctx context.Context, object reflect.Value, arguments []reflect.Value) (reflect.Value, bool) {
	if b.index != nil {
		value, err := object.Elem().FieldByIndexErr(b.index)
		return value, err == nil
	}
	var fixed [6]reflect.Value
	in := fixed[:0]
	switch {
	case !b.isMethod:
		in = append(in, reflect.ValueOf(ctx), object)
	case b.hasCtx:
		in = append(in, object, reflect.ValueOf(ctx))
	default:
		in = append(in, object)
	}
	out := b.function.Call(append(in, arguments...))
	return out[0], len(out) == 1 || out[1].IsNil()
}

// appender writes a value of a scalar or an enum.
type appender func(text []byte, value reflect.Value) []byte

// texts are the scalars that are strings in Go.
var texts = map[string]bool{
	"String": true, "PhoneNumber": true, "EmailAddress": true, "URL": true, "CurrencyCode": true,
	"CountryCode": true, "IBAN": true, "BIC": true, "Cursor": true,
}

// appenderFor is how a type of the schema is written from a type in Go; nil when it is not known here.
func appenderFor(definition *ast.Definition, from reflect.Type) appender {
	if from.Kind() == reflect.Pointer {
		from = from.Elem()
	}
	name := definition.Name
	switch {
	case from.Kind() == reflect.String && (texts[name] || definition.Kind == ast.Enum):
		return func(text []byte, value reflect.Value) []byte { return appendText(text, value.String()) }
	case name == "Int" && from.Kind() == reflect.Int:
		return func(text []byte, value reflect.Value) []byte { return strconv.AppendInt(text, value.Int(), 10) }
	case name == "Boolean" && from.Kind() == reflect.Bool:
		return func(text []byte, value reflect.Value) []byte { return strconv.AppendBool(text, value.Bool()) }
	case name == "UUID" && from == reflect.TypeFor[uuid.UUID]():
		return func(text []byte, value reflect.Value) []byte {
			return appendQuoted(text, pointed[uuid.UUID](value).String())
		}
	case name == "ID" && from == reflect.TypeFor[models.ID]():
		return func(text []byte, value reflect.Value) []byte {
			return appendQuoted(text, pointed[models.ID](value).String())
		}
	case name == "Decimal" && from == reflect.TypeFor[decimal.Decimal]():
		return func(text []byte, value reflect.Value) []byte {
			return appendQuoted(text, models.FormatDecimal(*pointed[decimal.Decimal](value)))
		}
	case name == "Date" && from == reflect.TypeFor[time.Time]():
		return func(text []byte, value reflect.Value) []byte {
			return append(pointed[time.Time](value).AppendFormat(append(text, '"'), time.DateOnly), '"')
		}
	case name == "DateTime" && from == reflect.TypeFor[time.Time]():
		return func(text []byte, value reflect.Value) []byte {
			return append(pointed[time.Time](value).UTC().AppendFormat(append(text, '"'), models.DateTimeForm), '"')
		}
	}
	return nil
}

// pointed is the value itself where it stands, or a copy of one that stands nowhere.
func pointed[T any](value reflect.Value) *T {
	if value.CanAddr() {
		return value.Addr().Interface().(*T)
	}
	found := value.Interface().(T)
	return &found
}

func appendQuoted(text []byte, plain string) []byte {
	return append(append(append(text, '"'), plain...), '"')
}

const hexadecimal = "0123456789ABCDEF"

// appendText writes a string as the library does.
func appendText(text []byte, s string) []byte {
	text = append(text, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '\\' && c != '"' {
			continue
		}
		text = append(text, s[start:i]...)
		switch c {
		case '\t':
			text = append(text, '\\', 't')
		case '\r':
			text = append(text, '\\', 'r')
		case '\n':
			text = append(text, '\\', 'n')
		case '\\', '"':
			text = append(text, '\\', c)
		default:
			text = append(text, '\\', 'u', '0', '0', hexadecimal[c>>4], hexadecimal[c&0xf])
		}
		start = i + 1
	}
	return append(append(text, s[start:]...), '"')
}
