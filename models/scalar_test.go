package models

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// written is the text in the JSON string that a scalar writes.
func written(t *testing.T, marshaler graphql.Marshaler) string {
	t.Helper()
	var raw bytes.Buffer
	marshaler.MarshalGQL(&raw)
	var text string
	if err := json.Unmarshal(raw.Bytes(), &text); err != nil {
		t.Fatalf("%s is no JSON string: %v", raw.Bytes(), err)
	}
	return text
}

// decimals are what is read as a Decimal, and how it is written again.
var decimals = map[string]string{
	"0": "0", "-1": "-1", "1": "1", "-0": "0", "-0.00": "0.00", "0.001": "0.001", "1.005": "1.005", "1250.50": "1250.50",
	"0.50": "0.50", "0.5": "0.5", "100": "100", "100.00": "100.00", "007": "7", "0.00000001": "0.00000001", "-0.10": "-0.10",
	// What a float would lose.
	"9007199254740993": "9007199254740993", "0.1": "0.1", "0.3": "0.3", "4.35": "4.35", "1.10": "1.10",
	"999999999999999999.99999999": "999999999999999999.99999999", "-999999999999999999": "-999999999999999999",
}

// noDecimals are refused, however much they look like numbers to other programs.
var noDecimals = []string{
	"", " ", " 5 ", "5 ", " 5", "5\n", "1e3", "1E3", "1e-3", "1E400", "1e-400", "1E999999999", "0x10", "0b1", "0o7", "NaN", "-NaN",
	"Infinity", "-Infinity", "inf", "\u0661\u0662", "\uff11", "1,000.00", "1.000,00", "1_000", "1 000", "+1", "--1", "\u22121", "-",
	".", ".5", "5.", "-.5", "1.2.3", "$5", "5 EUR", "null", "1/2", "0.123456789", "1000000000000000000",
	"1000000000000000000000000000000", strings.Repeat("9", 79), "0." + strings.Repeat("0", 79), strings.Repeat("0", 9_999),
}

func TestDecimal(t *testing.T) {
	t.Parallel()

	for literal, want := range decimals {
		t.Run("M14 "+literal+" keeps its value and its scale", func(t *testing.T) {
			t.Parallel()
			got, err := UnmarshalDecimal(literal)
			if err != nil {
				t.Fatal(err)
			}
			if text := written(t, MarshalDecimal(got)); text != want {
				t.Errorf("got %s, want %s", text, want)
			}
		})
	}

	for _, literal := range noDecimals {
		t.Run("M14 "+strconv.Quote(shorten(literal))+" is refused", func(t *testing.T) {
			t.Parallel()
			got, err := UnmarshalDecimal(literal)
			wantBadInput(t, err)
			if !got.IsZero() {
				t.Errorf("it was read as %s", got)
			}
		})
	}

	t.Run("M14 a number without quotes is refused, even one that no float would round", func(t *testing.T) {
		t.Parallel()
		inputs := []any{nil, true, 1, int32(1), int64(1), uint64(1), math.NaN(), math.Inf(1), []any{"1"}, map[string]any{"amount": "1"}}
		for literal := range decimals {
			inputs = append(inputs, json.Number(literal))
			if float, err := strconv.ParseFloat(literal, 64); err == nil {
				inputs = append(inputs, float)
			}
			if integer, err := strconv.ParseInt(literal, 10, 64); err == nil {
				inputs = append(inputs, integer)
			}
		}
		for _, literal := range noDecimals {
			inputs = append(inputs, json.Number(literal))
		}
		for _, input := range inputs {
			got, err := UnmarshalDecimal(input)
			wantBadInput(t, err)
			if !got.IsZero() {
				t.Errorf("%#v was read as %s", input, got)
			}
		}
	})

	t.Run("amounts add up exactly", func(t *testing.T) {
		t.Parallel()
		a, _ := UnmarshalDecimal("0.10")
		b, _ := UnmarshalDecimal("0.20")
		if sum := written(t, MarshalDecimal(a.Add(b))); sum != "0.30" {
			t.Errorf("got %s, want 0.30", sum)
		}
	})

	t.Run("a number of the database without a scale is written out", func(t *testing.T) {
		t.Parallel()
		if got := written(t, MarshalDecimal(decimal.New(-5, 3))); got != "-5000" {
			t.Errorf("got %s, want -5000", got)
		}
	})
}

// plainDecimal is a decimal number as it is written: without zeros in front, and without a sign before nothing.
func plainDecimal(s string) string {
	digits, negative := strings.CutPrefix(s, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	plain := strings.TrimLeft(whole, "0")
	if plain == "" {
		plain = "0"
	}
	if strings.Contains(s, ".") {
		plain += "." + fraction
	}
	if negative && strings.Trim(plain, "0.") != "" {
		return "-" + plain
	}
	return plain
}

// FuzzDecimal holds that a Decimal is either refused or written again digit by digit.
func FuzzDecimal(f *testing.F) {
	for literal := range decimals {
		f.Add(literal)
	}
	for _, literal := range noDecimals {
		f.Add(literal)
	}
	form := regexp.MustCompile(`\A-?[0-9]{1,18}(\.[0-9]{1,8})?\z`)
	f.Fuzz(func(t *testing.T, s string) {
		got, err := UnmarshalDecimal(s)
		if form.MatchString(s) != (err == nil) {
			t.Fatalf("%q: %v", s, err)
		}
		if err != nil {
			wantBadInput(t, err)
			return
		}
		if text := written(t, MarshalDecimal(got)); text != plainDecimal(s) {
			t.Errorf("%q is written %q, want %q", s, text, plainDecimal(s))
		}
	})
}

func TestDate(t *testing.T) {
	t.Parallel()

	for _, day := range []string{"2026-01-31", "2024-02-29", "2000-02-29", "1800-01-01", "1970-01-01", "9999-12-31"} {
		t.Run("K04 "+day+" comes back as it was", func(t *testing.T) {
			t.Parallel()
			got, err := UnmarshalDate(day)
			if err != nil {
				t.Fatal(err)
			}
			if got.Location() != time.UTC || !got.Equal(got.Truncate(24*time.Hour)) {
				t.Errorf("got %s, want a midnight in UTC", got)
			}
			if text := written(t, MarshalDate(got)); text != day {
				t.Errorf("got %s", text)
			}
		})
	}

	for _, input := range []any{
		"0001-01-01", "0000-01-01", "1799-12-31", "10000-01-01", "294277-01-01", "+294277-01-01", "44 BC", "0044-03-15 BC", "-0044-03-15",
		"2026-02-31", "2026-02-30", "2025-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-01-00", "2026-01-32",
		"2026-1-31", "2026-01-1", "26-01-31", "20260131", "31.01.2026", "01/31/2026", "2026/01/31", "2026-031", "2026-W05-6",
		"2026-01-31T00:00:00Z", "2026-01-31Z", " 2026-01-31", "2026-01-31 ", "2026-01-31\n", "\u0662\u0660\u0662\u0666-01-31",
		"infinity", "-infinity", "now", "today", "epoch", "", nil, 20260131, int64(0), json.Number("2026"), time.Now(),
	} {
		t.Run("K04 "+nameOf(input)+" is no day", func(t *testing.T) {
			t.Parallel()
			got, err := UnmarshalDate(input)
			wantBadInput(t, err)
			if !got.IsZero() {
				t.Errorf("it was read as %s", got)
			}
		})
	}
}

// nameOf is an input as the name of a subtest.
func nameOf(input any) string {
	raw, err := json.Marshal(input)
	if err != nil {
		return err.Error()
	}
	return shorten(string(raw))
}

func TestDateTime(t *testing.T) {
	t.Parallel()

	for input, want := range map[string]string{
		"2026-01-31T12:00:00Z":             "2026-01-31T12:00:00Z",
		"2026-01-31T12:00:00.5Z":           "2026-01-31T12:00:00.5Z",
		"2026-01-31T12:00:00.123456Z":      "2026-01-31T12:00:00.123456Z",
		"2026-01-31T12:00:00.000001Z":      "2026-01-31T12:00:00.000001Z",
		"2026-01-31T12:00:00.100000Z":      "2026-01-31T12:00:00.1Z",
		"2026-01-31T12:00:00.123456789Z":   "2026-01-31T12:00:00.123456Z",
		"2026-01-31T00:30:00+02:00":        "2026-01-30T22:30:00Z",
		"2026-12-31T23:59:59.999999-14:00": "2027-01-01T13:59:59.999999Z",
		"2026-01-31T12:00:00+05:45":        "2026-01-31T06:15:00Z",
		"2026-01-31T12:00:00-00:00":        "2026-01-31T12:00:00Z",
		"2024-02-29T23:59:59Z":             "2024-02-29T23:59:59Z",
		"1800-01-01T00:00:00Z":             "1800-01-01T00:00:00Z",
		"1799-12-31T23:30:00-01:00":        "1800-01-01T00:30:00Z",
		"9999-12-31T23:59:59.999999Z":      "9999-12-31T23:59:59.999999Z",
	} {
		t.Run("K04 "+input+" is the same instant in UTC", func(t *testing.T) {
			t.Parallel()
			got, err := UnmarshalDateTime(input)
			if err != nil {
				t.Fatal(err)
			}
			if got.Location() != time.UTC {
				t.Errorf("the zone is %s, want UTC", got.Location())
			}
			if text := written(t, MarshalDateTime(got)); text != want {
				t.Errorf("got %s, want %s", text, want)
			}
		})
	}

	t.Run("microseconds survive in any zone", func(t *testing.T) {
		t.Parallel()
		for range 200 {
			zone := time.FixedZone("somewhere", 60*(rand.IntN(24*60)-12*60))
			instant := time.UnixMicro(rand.Int64N(4e15)).In(zone)
			text := written(t, MarshalDateTime(instant))
			back, err := UnmarshalDateTime(text)
			if err != nil || !back.Equal(instant) || !strings.HasSuffix(text, "Z") {
				t.Errorf("%s is written %s and came back as %s, %v", instant, text, back, err)
			}
		}
	})

	for _, input := range []any{
		"0001-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "294277-01-09T04:00:54Z", "294276-12-31T23:59:59Z", "10000-01-01T00:00:00Z", "-0044-03-15T12:00:00Z",
		"0044-03-15T12:00:00Z BC", "1799-12-31T23:59:59.999999Z", "1800-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00",
		"2016-12-31T23:59:60Z", "2026-12-31T23:59:61Z", "2026-01-31T24:00:00Z", "2026-01-31T12:60:00Z", "2026-02-31T12:00:00Z", "2025-02-29T12:00:00Z",
		"2026-01-31T12:00:00", "2026-01-31T12:00:00.5", "2026-01-31", "2026-01-31T12:00Z", "2026-01-31T12Z", "2026-01-31 12:00:00Z",
		"2026-01-31T12:00:00+02", "2026-01-31T12:00:00+0200", "2026-01-31T12:00:00+2:00", "2026-01-31T12:00:00 CET", "2026-01-31T12:00:00[Europe/Berlin]",
		"2026-01-31t12:00:00z", "2026-01-31T1:00:00Z", "2026-01-31T12:00:00,5Z", "2026-01-31T12:00:00.Z", "2026-01-31T12:00:00+24:00", "2026-01-31T12:00:00+01:60",
		" 2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z ", "2026-01-31T12:00:00Z\n", "infinity", "now", "", nil, 1769860800, int64(1769860800), json.Number("1769860800"), time.Now(),
	} {
		t.Run("K04 "+nameOf(input)+" is no instant", func(t *testing.T) {
			t.Parallel()
			got, err := UnmarshalDateTime(input)
			wantBadInput(t, err)
			if !got.IsZero() {
				t.Errorf("it was read as %s", got)
			}
		})
	}
}

func TestUUID(t *testing.T) {
	t.Parallel()
	const plain = "0190163d-8694-739b-aea5-966c26f8ad91"

	t.Run("it comes back as it was, in small letters", func(t *testing.T) {
		t.Parallel()
		for _, input := range []string{plain, strings.ToUpper(plain), uuid.Nil.String(), uuid.Max.String()} {
			got, err := UnmarshalUUID(input)
			if err != nil {
				t.Fatalf("%s: %v", input, err)
			}
			if text := written(t, MarshalUUID(got)); text != strings.ToLower(input) {
				t.Errorf("%s is written %s", input, text)
			}
		}
	})

	for _, input := range []any{
		"{" + plain + "}", "urn:uuid:" + plain, strings.ReplaceAll(plain, "-", ""), plain[1:], plain + "0", plain[:35] + "g",
		"0190163d8-694-739b-aea5-966c26f8ad91", strings.ReplaceAll(plain, "-", "_"), plain[:35] + "\n", " " + plain, plain + " ",
		"", nil, 1, []byte(plain), json.Number("1"), uuid.Max,
	} {
		t.Run(nameOf(input)+" is no UUID", func(t *testing.T) {
			t.Parallel()
			got, err := UnmarshalUUID(input)
			wantBadInput(t, err)
			if got != uuid.Nil {
				t.Errorf("it was read as %s", got)
			}
		})
	}
}
