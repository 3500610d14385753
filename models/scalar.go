package models

import (
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// maxStringLength bounds every text of an input; columns have tighter limits of their own.
const maxStringLength = 10_000

// scalarString is the text that a scalar was given. Numbers are refused: they were rounded on
// the way. Bytes that Postgres cannot keep are refused here, where the sentence can be clear.
func scalarString(scalar string, v any) (string, error) {
	s, isString := v.(string)
	switch {
	case !isString:
		return "", badInput("%s must be given as a string", scalar)
	case len(s) > maxStringLength:
		return "", badInput("%s must be at most %d bytes long", scalar, maxStringLength)
	case strings.ContainsRune(s, 0):
		return "", badInput("%s must not contain the character NUL", scalar)
	case !utf8.ValidString(s) || strings.ContainsRune(s, utf8.RuneError):
		return "", badInput("%s must be valid Unicode", scalar)
	}
	return s, nil
}

// MarshalString writes any text.
func MarshalString(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// UnmarshalString reads a text that Postgres can keep.
func UnmarshalString(v any) (string, error) { return scalarString("String", v) }

// decimalForm has no exponent: 1E400 is cheap to send and dear to expand.
var decimalForm = regexp.MustCompile(`^-?[0-9]{1,18}(\.[0-9]{1,8})?$`)

// MarshalDecimal writes a decimal number as a string, exactly.
func MarshalDecimal(d decimal.Decimal) graphql.Marshaler {
	return quoted(FormatDecimal(d))
}

// FormatDecimal is a decimal number as text. It keeps the written scale: 0.50 stays 0.50, which String would shorten.
func FormatDecimal(d decimal.Decimal) string { return d.StringFixed(max(0, -d.Exponent())) }

// UnmarshalDecimal reads a decimal number from a string without exponent.
func UnmarshalDecimal(v any) (decimal.Decimal, error) {
	s, err := scalarString("Decimal", v)
	if err != nil {
		return decimal.Decimal{}, err
	}
	if !decimalForm.MatchString(s) {
		return decimal.Decimal{}, badInput("This is no Decimal: at most 18 digits, a point and at most 8 digits, without exponent")
	}
	return decimal.NewFromString(s)
}

// The years that dates may have: beyond them somebody mistyped, and Postgres and Go disagree.
const firstYear, lastYear = 1800, 9999

// MarshalDate writes the day of t.
func MarshalDate(t time.Time) graphql.Marshaler { return quoted(t.Format(time.DateOnly)) }

// UnmarshalDate reads a day, as its midnight in UTC.
func UnmarshalDate(v any) (time.Time, error) {
	return unmarshalTime("Date", "2026-01-31", parseDay, v)
}

// DateTimeForm is how an instant in UTC is written.
const DateTimeForm = "2006-01-02T15:04:05.999999Z07:00"

// MarshalDateTime writes an instant in UTC, with the microseconds that the database keeps.
func MarshalDateTime(t time.Time) graphql.Marshaler {
	return quoted(t.UTC().Format(DateTimeForm))
}

// UnmarshalDateTime reads an instant with its zone.
func UnmarshalDateTime(v any) (time.Time, error) {
	return unmarshalTime("DateTime", "2026-01-31T12:00:00Z", parseInstant, v)
}

func parseDay(s string) (time.Time, error) { return time.Parse(time.DateOnly, s) }

// instantForm is RFC 3339. time.Parse alone reads T1:00:00Z, 12:00:00,5Z and the zone +24:00 as well.
var instantForm = regexp.MustCompile(`^[0-9-]{10}T[0-9:]{8}(\.[0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$`)

func parseInstant(s string) (time.Time, error) {
	if !instantForm.MatchString(s) {
		return time.Time{}, errors.New("not in the form of RFC 3339")
	}
	return time.Parse(time.RFC3339Nano, s)
}

func unmarshalTime(scalar, example string, parse func(string) (time.Time, error), v any) (time.Time, error) {
	s, err := scalarString(scalar, v)
	if err != nil {
		return time.Time{}, err
	}
	t, err := parse(s)
	if err != nil || t.UTC().Year() < firstYear || t.UTC().Year() > lastYear {
		return time.Time{}, badInput("This is no %s: it should look like %s, between the years %d and %d", scalar, example, firstYear, lastYear)
	}
	return t.UTC(), nil
}

// MarshalUUID writes a UUID with its hyphens.
func MarshalUUID(id uuid.UUID) graphql.Marshaler { return quoted(id.String()) }

// UnmarshalUUID reads a UUID with its hyphens; the other spellings that RFC 9562 mentions are refused.
func UnmarshalUUID(v any) (uuid.UUID, error) {
	s, err := scalarString("UUID", v)
	if err != nil {
		return uuid.UUID{}, err
	}
	id, err := uuid.Parse(s)
	if err != nil || len(s) != len("0190163d-8694-739b-aea5-966c26f8ad91") {
		return uuid.UUID{}, badInput("%q is no UUID: it should look like 0190163d-8694-739b-aea5-966c26f8ad91", shorten(s))
	}
	return id, nil
}

// quoted writes a text that needs no escapes as a JSON string.
func quoted(s string) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(s)) })
}
