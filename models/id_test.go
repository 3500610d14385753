package models

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// kindsIn reads the kinds from the source, so that a new one is tested without a word here.
func kindsIn(t *testing.T, path string) map[string]Kind {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]Kind{}
	ast.Inspect(file, func(node ast.Node) bool {
		spec, isValue := node.(*ast.ValueSpec)
		if !isValue {
			return true
		}
		if of, named := spec.Type.(*ast.Ident); !named || of.Name != "Kind" {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		kinds[spec.Names[0].Name] = Kind(value)
		return true
	})
	if len(kinds) < 15 {
		t.Fatalf("found %d kinds in %s, which has more", len(kinds), path)
	}
	return kinds
}

// someUUIDs are the ends of the range, those that begin with zero bytes, which base 58 likes to lose, and random ones.
func someUUIDs() []uuid.UUID {
	ids := []uuid.UUID{uuid.Nil, uuid.Max}
	for zeros := 1; zeros < len(uuid.UUID{}); zeros++ {
		id := uuid.New()
		clear(id[:zeros])
		ids = append(ids, id)
	}
	for range 100 {
		ids = append(ids, uuid.New())
	}
	return ids
}

// wantBadInput says that the error is one that a client may read, and can do something about.
func wantBadInput(t *testing.T, err error) {
	t.Helper()
	var known *Error
	if !errors.As(err, &known) {
		t.Fatalf("got error %v, want a *Error", err)
	}
	if known.Code != BadInput || known.OBPCode != "OBP-10001" {
		t.Errorf("got %s %s, want %s OBP-10001", known.Code, known.OBPCode, BadInput)
	}
	if known.Message == "" || len(known.Message) > 700 {
		t.Errorf("the sentence has %d bytes, want one that people read: %s", len(known.Message), known.Message)
	}
}

func TestID(t *testing.T) {
	t.Parallel()

	t.Run("every kind and UUID come back as they were", func(t *testing.T) {
		t.Parallel()
		form := regexp.MustCompile(`^[a-z]{3,5}_[1-9A-HJ-NP-Za-km-z]{16,22}$`)
		for name, kind := range kindsIn(t, "id.go") {
			for _, value := range someUUIDs() {
				id := ID{kind, value}
				if !form.MatchString(id.String()) || len(id.String()) > maxIDLength {
					t.Errorf("%s of %s is written %s", name, value, id)
				}
				back, err := ParseID(id.String())
				if err != nil || back != id {
					t.Errorf("%s came back as %v, %v", id, back, err)
				}
				if got, err := back.As(kind); err != nil || got != value {
					t.Errorf("%s as %s: got %s, %v", id, name, got, err)
				}
			}
		}
	})

	t.Run("no two kinds share a prefix", func(t *testing.T) {
		t.Parallel()
		kinds := slices.Sorted(maps.Values(kindsIn(t, "id.go")))
		if unique := slices.Compact(slices.Clone(kinds)); len(unique) != len(kinds) {
			t.Errorf("a prefix is there twice: %v", kinds)
		}
	})

	t.Run("the spelling never changes, since clients keep identifiers", func(t *testing.T) {
		t.Parallel()
		for value, want := range map[uuid.UUID]string{
			uuid.Nil: "cus_1111111111111111",
			uuid.Max: "cus_YcVfxkQb6JRzqk5kF2tNLv",
			uuid.MustParse("00000000-0000-0000-0000-000000000001"): "cus_1111111111111112",
			uuid.MustParse("00000000-0000-0000-0000-00000000003a"): "cus_11111111111111121",
		} {
			if got := (ID{KindCustomer, value}).String(); got != want {
				t.Errorf("%s: got %s, want %s", value, got, want)
			}
		}
	})

	t.Run("it is written as a JSON string and read again", func(t *testing.T) {
		t.Parallel()
		id := ID{KindCustomer, uuid.New()}
		var written bytes.Buffer
		id.MarshalGQL(&written)
		var text any
		if err := json.Unmarshal(written.Bytes(), &text); err != nil {
			t.Fatal(err)
		}
		var back ID
		if err := back.UnmarshalGQL(text); err != nil || back != id {
			t.Errorf("got %v, %v, want %v", back, err, id)
		}
	})
}

// readCustomerID is what an argument that wants a customer goes through.
func readCustomerID(v any) (uuid.UUID, error) {
	var id ID
	if err := id.UnmarshalGQL(v); err != nil {
		return uuid.Nil, err
	}
	return id.As(KindCustomer)
}

func TestIDRefusals(t *testing.T) {
	t.Parallel()
	value := uuid.MustParse("0190163d-8694-739b-aea5-966c26f8ad91")
	digits := strings.TrimPrefix(ID{KindCustomer, value}.String(), "cus_")
	// The right one first: without it the refusals below would prove nothing.
	if got, err := readCustomerID("cus_" + digits); err != nil || got != value {
		t.Fatalf("got %s, %v, want %s", got, err, value)
	}

	for name, input := range map[string]any{
		"S05 a way up the folders":            "../../x",
		"S05 300 characters":                  strings.Repeat("x", 300),
		"S05 300 characters with the prefix":  "cus_" + strings.Repeat("2", 296),
		"S05 a percent escape":                "%2e",
		"S05 a percent escape in the digits":  "cus_%32" + digits[1:],
		"S05 the prefix in capitals":          "CUS_" + digits,
		"S05 the prefix with one capital":     "Cus_" + digits,
		"S05 a Cyrillic letter in the prefix": "\u0441us_" + digits,
		"S05 a Cyrillic letter in the digits": "cus_" + digits[:5] + "\u0430" + digits[6:],
		"S05 wide letters":                    "\uff43\uff55\uff53_" + digits,
		"S05 a space behind":                  "cus_" + digits + " ",
		"S05 a space before":                  " cus_" + digits,
		"S05 a new line behind":               "cus_" + digits + "\n",
		"S05 a zero width space behind":       "cus_" + digits + "\u200b",
		"S05 the identifier of another type":  ID{KindAccount, value}.String(),
		"S05 the identifier of an error":      ID{"err", value}.String(),
		"S05 base 64 garbage":                 "Q3VzdG9tZXI6MTIzNA==",
		"S05 base 64 garbage with a prefix":   "cus_Q3VzdG9tZXI6MTIzNA==",
		"S05 a bank's identifier of OBP":      "gh.29.uk",
		"S05 a number":                        json.Number("42"),
		"S05 an integer":                      int64(42),
		"S05 null":                            nil,
		"S05 a list":                          []any{"cus_" + digits},
		"S05 a NUL":                           "cus_" + digits + "\x00",
		"S05 invalid UTF-8":                   "cus_" + digits + "\xff",
		"nothing":                             "",
		"only a prefix":                       "cus_",
		"no prefix":                           digits,
		"an empty prefix":                     "_" + digits,
		"two underscores":                     "cus__" + digits,
		"a hyphen for the underscore":         "cus-" + digits,
		"a plain UUID":                        value.String(),
		"a plain UUID with the prefix":        "cus_" + value.String(),
		"a one too many in front":             "cus_1" + digits,
		"a digit too few":                     "cus_" + digits[1:],
		"15 bytes":                            "cus_111111111111111",
		"17 bytes":                            "cus_11111111111111111",
		"one above the largest UUID":          "cus_YcVfxkQb6JRzqk5kF2tNLw",
		"letters that base 58 leaves out":     "cus_" + digits[:len(digits)-4] + "0OIl",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := readCustomerID(input)
			if got != uuid.Nil {
				t.Errorf("it was read as %s", got)
			}
			wantBadInput(t, err)
		})
	}
}

func TestIDOfOtherSpelling(t *testing.T) {
	t.Parallel()

	t.Run("S05 the digits in other letter case never mean the same row", func(t *testing.T) {
		t.Parallel()
		for range 200 {
			value := uuid.New()
			id := ID{KindCustomer, value}.String()
			prefix, digits, _ := strings.Cut(id, "_")
			for _, other := range []string{strings.ToUpper(digits), strings.ToLower(digits)} {
				if got, err := readCustomerID(prefix + "_" + other); other != digits && err == nil && got == value {
					t.Errorf("%s_%s and %s mean the same row", prefix, other, id)
				}
			}
		}
	})

	t.Run("the sentence names the prefix that is needed", func(t *testing.T) {
		t.Parallel()
		_, err := readCustomerID(ID{KindAccount, uuid.New()}.String())
		if !strings.Contains(err.Error(), "cus_ is needed") {
			t.Errorf("got %q", err)
		}
	})

	t.Run("the sentence repeats no more than the beginning of a long input", func(t *testing.T) {
		t.Parallel()
		for _, long := range []string{strings.Repeat("2", 9_000), "cus_" + strings.Repeat("2", 9_000), strings.Repeat("x", 9_000) + "_2"} {
			_, err := readCustomerID(long)
			wantBadInput(t, err)
			if len(err.Error()) > 150 {
				t.Errorf("got %d bytes", len(err.Error()))
			}
		}
	})

	t.Run("no kind is taken for another", func(t *testing.T) {
		t.Parallel()
		kinds := kindsIn(t, "id.go")
		for _, of := range kinds {
			for _, as := range kinds {
				got, err := ID{of, uuid.Max}.As(as)
				if of != as && (err == nil || got != uuid.Nil) {
					t.Errorf("%s was taken for %s", of, as)
				}
			}
		}
	})
}

// FuzzParseID holds that whatever parses prints itself again: a node has exactly one spelling.
func FuzzParseID(f *testing.F) {
	for _, value := range []uuid.UUID{uuid.Nil, uuid.Max, uuid.MustParse("0190163d-8694-739b-aea5-966c26f8ad91")} {
		f.Add(ID{KindCustomer, value}.String())
		f.Add(ID{KindKycDocument, value}.String())
	}
	for _, s := range []string{"", "_", "cus_", "../../x", "%2e", "cus_1111111111111111 ", "CUS_1111111111111112", "cus__1111111111111111", "\u0441us_1111111111111111"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := ParseID(s)
		if err != nil {
			wantBadInput(t, err)
			if id != (ID{}) {
				t.Errorf("%q was refused and read as %v", s, id)
			}
			return
		}
		if id.String() != s {
			t.Errorf("%q prints itself as %q", s, id)
		}
		if again, err := ParseID(id.String()); err != nil || again != id {
			t.Errorf("%q came back as %v, %v", s, again, err)
		}
	})
}
