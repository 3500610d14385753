package models

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
)

// textScalar is a scalar whose value is the text that was given.
type textScalar struct {
	unmarshal func(any) (string, error)
	marshal   func(string) graphql.Marshaler
	valid     []string
	invalid   []string
}

// textScalars are all scalars that are texts, with what each takes and what it does not. IBAN has a test of its own.
var textScalars = map[string]textScalar{
	"CurrencyCode": {
		UnmarshalCurrencyCode, MarshalCurrencyCode,
		[]string{"EUR", "USD", "JPY", "BHD", "KWD", "GBP", "CHF"},
		// XXX means no currency, XTS is for tests, XAU is gold by the ounce: none of them is on an account.
		[]string{"", "XXX", "XTS", "XAU", "eur", "Eur", "EURO", "EU", "E", "€", "978", "EUR ", " EUR", "EUR\n", "\u0415UR", "ABC", "BTC", "DEM"},
	},
	"CountryCode": {
		UnmarshalCountryCode, MarshalCountryCode,
		[]string{"DE", "GB", "US", "CH", "JP", "BR", "ZA"},
		// UK and EU are reserved, and AN, CS and SU are gone.
		[]string{"", "de", "De", "DEU", "D", "276", "UK", "EU", "AN", "CS", "SU", "ZZ", "XX", "AA", "DE ", " DE", "DE\n", "D\u0415", "Germany"},
	},
	"BIC": {
		UnmarshalBIC, MarshalBIC,
		[]string{"DEUTDEFF", "DEUTDEFF500", "COBADEFFXXX", "BNPAFRPP", "NEDSZAJJ", "CHASUS33"},
		[]string{"", "deutdeff", "DEUTDEFf", "DEUT", "DEUTDEF", "DEUTDEFF5", "DEUTDEFF50", "DEUTDEFF5000", "DEUT1EFF", "DEUTDE-F", "DEUT DEFF", "DEUTDEFF ", " DEUTDEFF", "DEUTDEFF\n", "D\u0415UTDEFF"},
	},
	"PhoneNumber": {
		UnmarshalPhoneNumber, MarshalPhoneNumber,
		[]string{"+447700900123", "+4915123456789", "+14155552671", "+33612345678", "+390612345678", "+27821234567", "+5511987654321", "+919876543210"},
		[]string{
			"", "+", "+1", "+12", "+44", "447700900123", "00447700900123", "07700900123", "+44 7700 900123", "+44-7700-900123", "+44(0)7700900123",
			"+4407700900123", "+0447700900123", "+999123456789", "+44770090012345", "+1234567890123456", strings.Repeat("9", 300), "+" + strings.Repeat("4", 299), "+44770090012a",
			"+1-800-FLOWERS", "+18003569377;ext=1", "+447700900123x1", "tel:+447700900123", "\uff0b447700900123", "+\u0664\u0664\u0667\u0667\u0660\u0660", "++447700900123", "+447700900123 ", " +447700900123", "+447700900123\n",
		},
	},
	"EmailAddress": {
		UnmarshalEmailAddress, MarshalEmailAddress,
		[]string{"somebody@example.com", "some.body+tag@sub.example.co.uk", "o'neil@example.com", "S@EXAMPLE.COM", strings.Repeat("a", 188) + "@example.com"},
		[]string{
			"", "@", "somebody", "somebody@", "@example.com", "somebody@localhost", "some body@example.com", "somebody@example", "somebody@exam ple.com",
			"somebody@@example.com", "a@b@example.com", ".somebody@example.com", "somebody.@example.com", "some..body@example.com", "somebody@.com", "somebody@example..com",
			"Somebody <somebody@example.com>", "mailto:somebody@example.com", "a@example.com,b@example.com", "a@example.com;b@example.com",
			"somebody@example.com ", " somebody@example.com", "somebody@example.com\n", "somebody@example.com\r\nBcc: x@example.com", strings.Repeat("a", 189) + "@example.com",
		},
	},
	"URL": {
		UnmarshalURL, MarshalURL,
		[]string{
			"https://images.example.com/1.png", "https://example.com", "https://example.com:8443/a?b=c#d", "https://[2001:db8::1]/", "https://example.com/a%20b",
			"https://example.com/" + strings.Repeat("a", 1980),
		},
		[]string{
			"", "http://example.com/1.png", "ftp://example.com", "javascript:alert(1)", "JavaScript:alert(1)", "https:javascript:alert(1)", "data:text/html,x", "file:///etc/passwd",
			"//example.com/1.png", "/1.png", "1.png", "example.com", "https:", "https://", "https:///1.png", "https://:443/", "https:example.com", "https:/example.com", "https//example.com",
			"https://somebody@example.com/", "https://somebody:secret@example.com/", "https://@example.com/", "https://example.com@evil.example/", "https://example.com\\@evil.example/",
			"https://example.com/a b", "https://exam ple.com/", " https://example.com", "https://example.com ", "https://example.com/\n", "https://example.com/\r\nX: y", "https://example.com/\ta", "ht\ntps://example.com",
			"https://example.com/\"onload=x", "https://example.com/<script>", "https://example.com/%zz", "https://example.com:port/", "https://[2001:db8::1/",
			"https://example.com/" + strings.Repeat("a", 1981),
		},
	},
	"Cursor": {
		UnmarshalCursor, MarshalCursor,
		[]string{"YWJj", "YQ", EncodeCursor("customer", []string{"a", "b"})},
		[]string{"", " ", "a", "YWJj=", "YQ==", "YW Jj", "../x", "a/b+", "%2e", "YWJ\u0439", "ü"},
	},
}

func TestTextScalars(t *testing.T) {
	t.Parallel()
	for name, scalar := range textScalars {
		for _, input := range scalar.valid {
			t.Run(name+" takes "+shorten(input), func(t *testing.T) {
				t.Parallel()
				got, err := scalar.unmarshal(input)
				if err != nil || got != input {
					t.Fatalf("got %q, %v", got, err)
				}
				if text := written(t, scalar.marshal(got)); text != input {
					t.Errorf("it is written %q", text)
				}
			})
		}
		for _, input := range scalar.invalid {
			t.Run(name+" refuses "+nameOf(input), func(t *testing.T) {
				t.Parallel()
				got, err := scalar.unmarshal(input)
				wantBadInput(t, err)
				if got != "" {
					t.Errorf("it was read as %q", got)
				}
			})
		}
	}

	t.Run("the limits are where the schema says", func(t *testing.T) {
		t.Parallel()
		email, url := textScalars["EmailAddress"], textScalars["URL"]
		for _, pair := range [][2]int{
			{len(email.valid[len(email.valid)-1]), 200},
			{len(email.invalid[len(email.invalid)-1]), 201},
			{len(url.valid[len(url.valid)-1]), 2000},
			{len(url.invalid[len(url.invalid)-1]), 2001},
		} {
			if pair[0] != pair[1] {
				t.Errorf("the example has %d characters, want %d", pair[0], pair[1])
			}
		}
	})
}

// everyScalar is how each scalar reads its input, with one input that is right.
var everyScalar = map[string]struct {
	read  func(any) error
	right string
}{
	"ID":           {func(v any) error { return new(ID).UnmarshalGQL(v) }, "cus_1111111111111112"},
	"String":       {func(v any) error { _, err := UnmarshalString(v); return err }, "any text"},
	"Decimal":      {func(v any) error { _, err := UnmarshalDecimal(v); return err }, "1.50"},
	"Date":         {func(v any) error { _, err := UnmarshalDate(v); return err }, "2026-01-31"},
	"DateTime":     {func(v any) error { _, err := UnmarshalDateTime(v); return err }, "2026-01-31T12:00:00Z"},
	"UUID":         {func(v any) error { _, err := UnmarshalUUID(v); return err }, "0190163d-8694-739b-aea5-966c26f8ad91"},
	"CurrencyCode": {func(v any) error { _, err := UnmarshalCurrencyCode(v); return err }, "EUR"},
	"CountryCode":  {func(v any) error { _, err := UnmarshalCountryCode(v); return err }, "DE"},
	"IBAN":         {func(v any) error { _, err := UnmarshalIBAN(v); return err }, "DE89370400440532013000"},
	"BIC":          {func(v any) error { _, err := UnmarshalBIC(v); return err }, "DEUTDEFF"},
	"PhoneNumber":  {func(v any) error { _, err := UnmarshalPhoneNumber(v); return err }, "+447700900123"},
	"EmailAddress": {func(v any) error { _, err := UnmarshalEmailAddress(v); return err }, "somebody@example.com"},
	"URL":          {func(v any) error { _, err := UnmarshalURL(v); return err }, "https://example.com"},
	"Cursor":       {func(v any) error { _, err := UnmarshalCursor(v); return err }, "YWJj"},
}

func TestEveryScalar(t *testing.T) {
	t.Parallel()
	for name, scalar := range everyScalar {
		t.Run(name+" takes its example", func(t *testing.T) {
			t.Parallel()
			if err := scalar.read(scalar.right); err != nil {
				t.Error(err)
			}
		})
		for what, input := range map[string]any{
			"NUL":                      scalar.right + "\x00",
			"NUL alone":                "\x00",
			"invalid UTF-8":            scalar.right + "\xff",
			"a cut-off character":      scalar.right + "\xe2\x82",
			"an encoded surrogate":     scalar.right + "\xed\xa0\x80",
			"an overlong NUL":          scalar.right + "\xc0\x80",
			"the replacement for them": scalar.right + "\ufffd",
			"10,001 bytes":             strings.Repeat("a", 10_001),
			"a megabyte":               strings.Repeat("a", 1<<20),
			"null":                     nil,
			"true":                     true,
			"an integer":               int64(1),
			"a number":                 json.Number("1"),
			"a float":                  1.5,
			"bytes":                    []byte(scalar.right),
			"a list":                   []any{scalar.right},
			"an object":                map[string]any{"value": scalar.right},
		} {
			t.Run("S01 "+name+" refuses "+what, func(t *testing.T) {
				t.Parallel()
				wantBadInput(t, scalar.read(input))
			})
		}
	}
}

func TestString(t *testing.T) {
	t.Parallel()

	for name, text := range map[string]string{
		"nothing":                     "",
		"a space":                     " ",
		"an emoji family with ZWJ":    "\U0001F468\u200d\U0001F469\u200d\U0001F467\u200d\U0001F466",
		"a flag":                      "\U0001F1E9\U0001F1EA",
		"an umlaut in NFC":            "M\u00fcller",
		"an umlaut in NFD":            "Mu\u0308ller",
		"a right-to-left override":    "invoice\u202egnp.exe",
		"a zero width space":          "pay\u200bpal",
		"a byte order mark":           "\ufefftext",
		"right-to-left text":          "\u0645\u0631\u062d\u0628\u0627",
		"quotes, strokes and markup":  "\"'`\\/<script>&amp;</script>",
		"what ends a line in scripts": "a\u2028b\u2029c",
		"control characters":          "a\tb\nc\r\x01\x1b[31m\x7f",
		"the last code point":         "\U0010FFFF",
		"10,000 bytes":                strings.Repeat("a", 10_000),
		"10,000 bytes in 2,500 emoji": strings.Repeat("\U0001F600", 2_500),
	} {
		t.Run("S01 "+name+" comes back byte by byte", func(t *testing.T) {
			t.Parallel()
			got, err := UnmarshalString(text)
			if err != nil || got != text {
				t.Fatalf("got %q, %v", got, err)
			}
			if back := written(t, MarshalString(got)); back != text {
				t.Errorf("it is written %q", back)
			}
		})
	}

	t.Run("S01 a lone surrogate in JSON is refused", func(t *testing.T) {
		t.Parallel()
		for _, raw := range []string{`"\ud800"`, `"a\udc00b"`, `"\udc00\ud800"`} {
			var text any
			if err := json.Unmarshal([]byte(raw), &text); err != nil {
				t.Fatal(err)
			}
			_, err := UnmarshalString(text)
			wantBadInput(t, err)
		}
	})

	t.Run("S01 the limit counts bytes, as the memory does", func(t *testing.T) {
		t.Parallel()
		_, err := UnmarshalString(strings.Repeat("\U0001F600", 2_500) + "a")
		wantBadInput(t, err)
	})
}

func TestTheSentenceOfAScalarDoesNotRepeatWhatIsAboutAPerson(t *testing.T) {
	t.Parallel()
	const secret = "canary 0001-13-01"
	for name, read := range map[string]func(any) error{
		"a country":           func(v any) error { _, err := UnmarshalCountryCode(v); return err },
		"an e-mail address":   func(v any) error { _, err := UnmarshalEmailAddress(v); return err },
		"a telephone number":  func(v any) error { _, err := UnmarshalPhoneNumber(v); return err },
		"an address of a web": func(v any) error { _, err := UnmarshalURL(v); return err },
		"a day":               func(v any) error { _, err := UnmarshalDate(v); return err },
		"an instant":          func(v any) error { _, err := UnmarshalDateTime(v); return err },
		"an amount":           func(v any) error { _, err := UnmarshalDecimal(v); return err },
	} {
		err := read(secret)
		wantBadInput(t, err)
		if strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "0001") {
			t.Errorf("%s: got %q", name, err)
		}
	}
}
