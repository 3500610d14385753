package models

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzCursor holds that a cursor is either refused or has a key that Postgres can read as texts, and that only what
// EncodeCursor could have written for this list is taken.
func FuzzCursor(f *testing.F) {
	f.Add(EncodeCursor("list", []string{"2024-01-01 00:00:00+00", "0190163d-8694-739b-aea5-966c26f8ad91"}))
	f.Add(EncodeCursor("other", []string{"a", "b"}))
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`{"v":1,"l":"list","k":["\u0000","\ud800"]}`)))
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`{"v":1,"l":"list","k":[null,null],"k":["a","b"]}`)))
	f.Add("!")
	f.Fuzz(func(t *testing.T, cursor string) {
		key, err := DecodeCursor("list", cursor)
		if err != nil {
			if CodeOf(err) != BadInput {
				t.Errorf("%v", err)
			}
			return
		}
		if len(key) != keyLength || strings.ContainsRune(strings.Join(key, ""), 0) || !utf8.ValidString(strings.Join(key, "")) {
			t.Errorf("%q", key)
		}
		if again, err := DecodeCursor("list", EncodeCursor("list", key)); err != nil || strings.Join(again, "|") != strings.Join(key, "|") {
			t.Errorf("%q becomes %q %v", key, again, err)
		}
	})
}

// FuzzScalars holds that every scalar takes a text or refuses it as BadInput, in a sentence that is short.
func FuzzScalars(f *testing.F) {
	for _, seed := range []string{
		"", "EUR", "DE", "DE89370400440532013000", "DEUTDEFF", "+447700900123", "somebody@example.com", "https://images.example.com/1.png", "2026-01-31", "2026-01-31T12:00:00Z", "2026-01-31T12:00:00.123456789+23:59",
		"0190163d-8694-739b-aea5-966c26f8ad91", "1.50", "cus_2BQ8xVh3XbTnqcbXJ1nVEk", "\x00", "\xff", "\ufffd", strings.Repeat("a", 10_001),
	} {
		f.Add(seed)
	}
	scalars := map[string]func(any) error{
		"String": func(v any) error { _, err := UnmarshalString(v); return err }, "Decimal": func(v any) error { _, err := UnmarshalDecimal(v); return err },
		"Date": func(v any) error { _, err := UnmarshalDate(v); return err }, "DateTime": func(v any) error { _, err := UnmarshalDateTime(v); return err },
		"UUID": func(v any) error { _, err := UnmarshalUUID(v); return err }, "CurrencyCode": func(v any) error { _, err := UnmarshalCurrencyCode(v); return err },
		"CountryCode": func(v any) error { _, err := UnmarshalCountryCode(v); return err }, "IBAN": func(v any) error { _, err := UnmarshalIBAN(v); return err },
		"BIC": func(v any) error { _, err := UnmarshalBIC(v); return err }, "PhoneNumber": func(v any) error { _, err := UnmarshalPhoneNumber(v); return err },
		"EmailAddress": func(v any) error { _, err := UnmarshalEmailAddress(v); return err }, "URL": func(v any) error { _, err := UnmarshalURL(v); return err },
		"Cursor": func(v any) error { _, err := UnmarshalCursor(v); return err }, "ID": func(v any) error { var id ID; return id.UnmarshalGQL(v) },
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, unmarshal := range scalars {
			err := unmarshal(s)
			var known *Error
			switch {
			case err == nil && (strings.ContainsRune(s, 0) || !utf8.ValidString(s) || len(s) > maxStringLength):
				t.Errorf("%s takes %q", name, s)
			case err != nil && (!errors.As(err, &known) || known.Code != BadInput || len(err.Error()) > 600):
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
