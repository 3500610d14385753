package models

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPageArguments(t *testing.T) {
	t.Parallel()
	after, before := "YQ", "Yg"

	for name, c := range map[string]struct {
		arguments PageArguments
		want      Page
	}{
		"without arguments it is the first 20":   {PageArguments{}, Page{Limit: 20}},
		"the first 1":                            {PageArguments{First: new(1)}, Page{Limit: 1}},
		"the first 100":                          {PageArguments{First: new(100)}, Page{Limit: 100}},
		"the last 1":                             {PageArguments{Last: new(1)}, Page{Limit: 1, Backward: true}},
		"the last 100":                           {PageArguments{Last: new(100)}, Page{Limit: 100, Backward: true}},
		"after a cursor it is the first 20":      {PageArguments{After: &after}, Page{Limit: 20, After: after}},
		"before a cursor it is the first 20 too": {PageArguments{Before: &before}, Page{Limit: 20, Before: before}},
		"the first 5 between two cursors":        {PageArguments{First: new(5), After: &after, Before: &before}, Page{Limit: 5, After: after, Before: before}},
		"the last 5 between two cursors": {
			PageArguments{Last: new(5), After: &after, Before: &before},
			Page{Limit: 5, Backward: true, After: after, Before: before},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := c.arguments.Page()
			if err != nil || got != c.want {
				t.Errorf("got %+v, %v, want %+v", got, err, c.want)
			}
		})
	}

	for name, c := range map[string]struct {
		arguments PageArguments
		obpCode   string
	}{
		"first and last together are refused":                  {PageArguments{First: new(5), Last: new(5)}, "OBP-10001"},
		"first and last together are refused even when absurd": {PageArguments{First: new(0), Last: new(0)}, "OBP-10001"},
		"the first 0 are refused":                              {PageArguments{First: new(0)}, "OBP-10012"},
		"the first 101 are refused, not cut":                   {PageArguments{First: new(101)}, "OBP-10012"},
		"the first -1 are refused":                             {PageArguments{First: new(-1)}, "OBP-10012"},
		"the last 0 are refused":                               {PageArguments{Last: new(0)}, "OBP-10012"},
		"the last 101 are refused, not cut":                    {PageArguments{Last: new(101)}, "OBP-10012"},
		"the last -1 are refused":                              {PageArguments{Last: new(-1)}, "OBP-10012"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := c.arguments.Page()
			var known *Error
			if !errors.As(err, &known) || known.Code != BadInput || known.OBPCode != c.obpCode {
				t.Errorf("got error %#v, want %s %s", err, BadInput, c.obpCode)
			}
			if got != (Page{}) {
				t.Errorf("got a page all the same: %+v", got)
			}
		})
	}
}

func TestCursor(t *testing.T) {
	t.Parallel()

	t.Run("it gives back the key of its list", func(t *testing.T) {
		t.Parallel()
		for _, key := range [][]string{
			{"2026-01-31 12:00:00.123456+00", "0190163d-8694-739b-aea5-966c26f8ad91"},
			{"", ""},
			{"M\u00fcller \"& <Co>\" \U0001F468\u200d\U0001F469", "'; DROP TABLE customer; --"},
			{strings.Repeat("x", 1_000), "y"},
		} {
			encoded := EncodeCursor("customer", key)
			if _, err := UnmarshalCursor(encoded); err != nil {
				t.Errorf("a client cannot send the cursor of %q: %v", key, err)
			}
			got, err := DecodeCursor("customer", encoded)
			if err != nil || !slices.Equal(got, key) {
				t.Errorf("%q came back as %q, %v", key, got, err)
			}
		}
	})

	t.Run("two places never have the same cursor", func(t *testing.T) {
		t.Parallel()
		if EncodeCursor("customer", []string{"a", "bc"}) == EncodeCursor("customer", []string{"ab", "c"}) {
			t.Error("the parts of the key run into each other")
		}
	})

	raw := func(json string) string { return base64.RawURLEncoding.EncodeToString([]byte(json)) }
	good := raw(`{"v":1,"l":"customer","k":["a","b"]}`)
	if key, err := DecodeCursor("customer", good); err != nil || !slices.Equal(key, []string{"a", "b"}) {
		t.Fatalf("got %q, %v: without a good one the refusals below would prove nothing", key, err)
	}
	for name, encoded := range map[string]string{
		"a cursor of another list is refused":        EncodeCursor("account", []string{"a", "b"}),
		"another letter case of the list is refused": EncodeCursor("Customer", []string{"a", "b"}),
		"a cursor of no list is refused":             raw(`{"v":1,"k":["a","b"]}`),
		"an older version is refused":                raw(`{"v":0,"l":"customer","k":["a","b"]}`),
		"a newer version is refused":                 raw(`{"v":2,"l":"customer","k":["a","b"]}`),
		"a missing version is refused":               raw(`{"l":"customer","k":["a","b"]}`),
		"an empty key is refused":                    raw(`{"v":1,"l":"customer","k":[]}`),
		"a missing key is refused":                   raw(`{"v":1,"l":"customer"}`),
		"a key without the identifier is refused":    raw(`{"v":1,"l":"customer","k":["a"]}`),
		"a key with a part too many is refused":      raw(`{"v":1,"l":"customer","k":["a","b","c"]}`),
		"S01 a key with NUL is refused":              raw(`{"v":1,"l":"customer","k":["a\u0000","b"]}`),
		"S01 an identifier with NUL is refused":      raw(`{"v":1,"l":"customer","k":["a","\u0000"]}`),
		"a key of numbers is refused":                raw(`{"v":1,"l":"customer","k":[1,2]}`),
		"a key that is a text is refused":            raw(`{"v":1,"l":"customer","k":"ab"}`),
		"something behind it is refused":             raw(`{"v":1,"l":"customer","k":["a","b"]}{}`),
		"half of it is refused":                      good[:len(good)/2],
		"a list is refused":                          raw(`[1,"customer",["a","b"]]`),
		"null is refused":                            raw(`null`),
		"no JSON is refused":                         raw("customer"),
		"padding is refused":                         base64.URLEncoding.EncodeToString([]byte(`{"v":1,"l":"customer","k":["a","bc"]} `)) + "=",
		"garbage is refused":                         "!!!",
		"an identifier is refused":                   "cus_1111111111111112",
		"nothing is refused":                         "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key, err := DecodeCursor("customer", encoded)
			wantBadInput(t, err)
			if key != nil {
				t.Errorf("got a key all the same: %q", key)
			}
		})
	}
}

func TestConnection(t *testing.T) {
	t.Parallel()
	row1, row2 := &Bank{BankID: "1"}, &Bank{BankID: "2"}
	edges := []Edge[Bank]{{"c1", row1}, {"c2", row2}}

	for name, c := range map[string]struct {
		page           Page
		more           bool
		next, previous bool
	}{
		"forward, from the start, to the end":     {Page{}, false, false, false},
		"forward, from the start, and on":         {Page{}, true, true, false},
		"forward, from a cursor, to the end":      {Page{After: "c0"}, false, false, true},
		"forward, from a cursor, and on":          {Page{After: "c0"}, true, true, true},
		"backward, from the end, to the start":    {Page{Backward: true}, false, false, false},
		"backward, from the end, and on":          {Page{Backward: true}, true, false, true},
		"backward, from a cursor, to the start":   {Page{Backward: true, Before: "c3"}, false, true, false},
		"backward, from a cursor, and on":         {Page{Backward: true, Before: "c3"}, true, true, true},
		"backward, no further than a cursor":      {Page{Backward: true, After: "c0"}, false, false, false},
		"forward, no further than a cursor":       {Page{Before: "c3"}, false, false, false},
		"forward, between two cursors, and on":    {Page{After: "c0", Before: "c9"}, true, true, true},
		"backward, between two cursors, and on":   {Page{Backward: true, After: "c0", Before: "c3"}, true, true, true},
		"backward, between two cursors, all that": {Page{Backward: true, After: "c0", Before: "c3"}, false, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := PageInfo{HasNextPage: c.next, HasPreviousPage: c.previous, StartCursor: new("c1"), EndCursor: new("c2")}
			if diff := cmp.Diff(want, NewConnection(c.page, edges, c.more, nil).PageInfo); diff != "" {
				t.Error(diff)
			}
			// A page may be empty when its rows have gone; then it has no cursors, and the other side stays.
			want.StartCursor, want.EndCursor = nil, nil
			if diff := cmp.Diff(want, NewConnection[Bank](c.page, nil, c.more, nil).PageInfo); diff != "" {
				t.Errorf("empty: %s", diff)
			}
		})
	}

	t.Run("a page of one row begins and ends with it", func(t *testing.T) {
		t.Parallel()
		info := NewConnection(Page{}, edges[:1], false, nil).PageInfo
		if Text(info.StartCursor) != "c1" || Text(info.EndCursor) != "c1" {
			t.Errorf("got %q and %q", Text(info.StartCursor), Text(info.EndCursor))
		}
	})

	t.Run("nodes are the rows in their order, and never null", func(t *testing.T) {
		t.Parallel()
		if got := NewConnection(Page{}, edges, false, nil).Nodes(); !slices.Equal(got, []*Bank{row1, row2}) {
			t.Errorf("got %v", got)
		}
		if got := NewConnection[Bank](Page{}, nil, false, nil).Nodes(); got == nil || len(got) != 0 {
			t.Errorf("got %#v of an empty page, want an empty list", got)
		}
	})

	t.Run("the whole list is counted only when asked", func(t *testing.T) {
		t.Parallel()
		counted, failure := 0, errors.New("no database")
		connection := NewConnection(Page{}, edges, true, func(context.Context) (int, error) { counted++; return 42, failure })
		if counted != 0 {
			t.Error("it was counted before anybody asked")
		}
		if got, err := connection.TotalCount(t.Context()); got != 42 || !errors.Is(err, failure) || counted != 1 {
			t.Errorf("got %d, %v after %d counts", got, err, counted)
		}
	})
}

func TestACursorIsTheSameTextAsTheStandardLibraryMakes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "a", `"`, `\`, "<b>&", "Zoë", "\x01", "2026-01-01 12:00:00.5+00", "\u2028"} {
		want, err := json.Marshal(map[string]any{"k": []string{text, "x"}, "l": text, "v": 1})
		if err != nil {
			t.Fatal(err)
		}
		got, err := base64.RawURLEncoding.DecodeString(EncodeCursor(text, []string{text, "x"}))
		if err != nil {
			t.Fatal(err)
		}
		var decoded map[string]any
		if err := json.Unmarshal(got, &decoded); err != nil {
			t.Fatal(err)
		}
		sorted, err := json.Marshal(decoded)
		if err != nil || string(sorted) != string(want) {
			t.Errorf("%q instead of %q: %v", sorted, want, err)
		}
	}
}
