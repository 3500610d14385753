package models

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"sync"
)

// The sizes of a page. A larger one is refused, not cut: a client must know what it gets.
const (
	DefaultPageSize = 20
	MaxPageSize     = 100
)

// cursorVersion is in every cursor, so that an old one is refused and not misread.
const cursorVersion = 1

// PageArguments are what a client says about the page it wants, as the graph's arguments say it.
type PageArguments struct {
	First  *int
	After  *string
	Last   *int
	Before *string
}

// Page is a page of a list by keyset: how many rows, from which end, between which cursors. It is
// comparable, so that it can be part of a loader's key.
type Page struct {
	Limit         int
	Backward      bool
	After, Before string // cursors, empty when open
}

// Page checks the arguments; what is wrong with them is BadInput.
func (a PageArguments) Page() (Page, error) {
	page := Page{Limit: DefaultPageSize, After: Text(a.After), Before: Text(a.Before)}
	switch {
	case a.First != nil && a.Last != nil:
		return Page{}, Errorf(BadInput, "give either `first` or `last`, not both").OBP("OBP-10001")
	case a.First != nil:
		page.Limit = *a.First
	case a.Last != nil:
		page.Limit, page.Backward = *a.Last, true
	}
	if page.Limit < 1 || page.Limit > MaxPageSize {
		return Page{}, Errorf(BadInput, "`first` and `last` must be between 1 and %d", MaxPageSize).OBP("OBP-10012")
	}
	return page, nil
}

// keyLength is how many texts a sort key has: what the list is sorted by, and the row's identifier.
const keyLength = 2

// cursor is what a Cursor hides: where a row stands in a list, and in which list.
type cursor struct {
	Version int      `json:"v"`
	List    string   `json:"l"`
	Key     []string `json:"k"`
}

// EncodeCursor hides the sort key of a row of a list. A page has one for each row, asked for or not.
func EncodeCursor(list string, key []string) string {
	raw := append(make([]byte, 0, 192), `{"v":`...)
	raw = appendString(append(strconv.AppendInt(raw, cursorVersion, 10), `,"l":`...), list)
	raw = append(raw, `,"k":[`...)
	for i, part := range key {
		if i > 0 {
			raw = append(raw, ',')
		}
		raw = appendString(raw, part)
	}
	return base64.RawURLEncoding.EncodeToString(append(raw, "]}"...))
}

// appendString writes a text as JSON, as the standard library does.
func appendString(raw []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || strings.IndexByte(`"\<>&`, c) >= 0 {
			quoted, err := json.Marshal(text)
			if err != nil {
				panic(err) // strings always marshal
			}
			return append(raw, quoted...)
		}
	}
	return append(append(append(raw, '"'), text...), '"')
}

// DecodeCursor is the sort key in a cursor of this list; a cursor of another list, order or filter is BadInput.
func DecodeCursor(list, encoded string) ([]string, error) {
	var c cursor
	raw, err := base64.RawURLEncoding.DecodeString(encoded)
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	// Anybody can make a cursor: its readers count on the length of the key, and Postgres takes no NUL.
	forged := len(c.Key) != keyLength || strings.ContainsRune(strings.Join(c.Key, ""), 0)
	if err != nil || c.Version != cursorVersion || c.List != list || forged {
		return nil, Errorf(BadInput, "the cursor is not one of this list with this filter and order").OBP("OBP-10001")
	}
	return c.Key, nil
}

// Edge is an item of a list with its place.
type Edge[T any] struct {
	Cursor string
	Node   *T
}

// Connection is a page of a list. The count of the whole list is run only when it is asked for, and once.
type Connection[T any] struct {
	Edges    []Edge[T]
	PageInfo PageInfo
	Count    func(context.Context) (int, error)
}

// NewConnection is the page that these rows make. Rows come in the order of the list; more says
// whether the list goes on beyond them, in the direction of the page.
func NewConnection[T any](page Page, edges []Edge[T], more bool, count func(context.Context) (int, error)) *Connection[T] {
	c := &Connection[T]{Edges: edges, Count: Once(count)}
	// A page that starts at a cursor has at least the row of that cursor on the other side.
	c.PageInfo = PageInfo{HasNextPage: more, HasPreviousPage: page.After != ""}
	if page.Backward {
		c.PageInfo = PageInfo{HasNextPage: page.Before != "", HasPreviousPage: more}
	}
	if len(edges) > 0 {
		c.PageInfo.StartCursor = &edges[0].Cursor
		c.PageInfo.EndCursor = &edges[len(edges)-1].Cursor
	}
	return c
}

// Once is a read that is not run again when it has succeeded: by another name in the same request, or since what came behind it was refused.
func Once[T any](read func(context.Context) (T, error)) func(context.Context) (T, error) {
	var lock sync.Mutex
	var known *T
	return func(ctx context.Context) (T, error) {
		lock.Lock()
		defer lock.Unlock()
		if known != nil {
			return *known, nil
		}
		found, err := read(ctx)
		if err == nil {
			known = &found
		}
		return found, err
	}
}

// Nodes are the items without their places.
func (c *Connection[T]) Nodes() []*T {
	nodes := make([]*T, len(c.Edges))
	for i, edge := range c.Edges {
		nodes[i] = edge.Node
	}
	return nodes
}

// TotalCount is how many items the whole list has.
func (c *Connection[T]) TotalCount(ctx context.Context) (int, error) { return c.Count(ctx) }
