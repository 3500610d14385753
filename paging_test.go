package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"bankgraph/db/dbtest"
	"bankgraph/models"
)

type pageOf struct {
	TotalCount int
	PageInfo   struct {
		HasNextPage, HasPreviousPage bool
		StartCursor, EndCursor       *string
	}
	Nodes []struct{ ID, LegalName, CustomerNumber string }
}

// walk reads a list to its end, page by page, and gives the identifiers in the order of the list.
func walk(t *testing.T, d *door, size int, order string, backward bool) []string {
	t.Helper()
	how, cursor := "first: $size, after: $cursor", (*string)(nil)
	if backward {
		how = "last: $size, before: $cursor"
	}
	query := fmt.Sprintf(`query ($size: Int, $cursor: Cursor) { customers(%s, orderBy: %s) {
		totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { id legalName customerNumber } } }`, how, order)
	var ids []string
	for range 100 {
		answer := d.ask("demo-admin", query, map[string]any{"size": size, "cursor": cursor})
		var page pageOf
		if err := json.Unmarshal(answer.Data["customers"], &page); err != nil || len(answer.Errors) > 0 {
			t.Fatalf("%v: %s", err, answer.raw)
		}
		var found []string
		for _, node := range page.Nodes {
			found = append(found, node.ID)
		}
		more := page.PageInfo.HasNextPage
		if cursor != nil && !backward && !page.PageInfo.HasPreviousPage {
			t.Error("a page after a cursor says that nothing precedes it")
		}
		if backward {
			ids, more, cursor = append(found, ids...), page.PageInfo.HasPreviousPage, page.PageInfo.StartCursor
		} else {
			ids, cursor = append(ids, found...), page.PageInfo.EndCursor
		}
		if !more {
			return ids
		}
	}
	t.Fatal("the list does not end")
	return nil
}

func TestPagesMakeUpTheList(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	for _, field := range []string{"CREATED_AT", "LEGAL_NAME", "CUSTOMER_NUMBER"} {
		for _, direction := range []string{"ASC", "DESC"} {
			order := fmt.Sprintf("{ field: %s, direction: %s }", field, direction)
			t.Run(order, func(t *testing.T) {
				t.Parallel()
				whole := walk(t, d, 100, order, false)
				if len(whole) != dbtest.Customers {
					t.Fatalf("%d customers", len(whole))
				}
				for _, size := range []int{1, 7, 59, 60} {
					if got := walk(t, d, size, order, false); !slices.Equal(got, whole) {
						t.Errorf("pages of %d from the start differ from the whole", size)
					}
					if got := walk(t, d, size, order, true); !slices.Equal(got, whole) {
						t.Errorf("pages of %d from the end differ from the whole", size)
					}
				}
			})
		}
	}
}

func TestPageArguments(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	first := d.ask("demo-admin", `{ customers(first: 1) { pageInfo { endCursor } } }`, nil).find(t, "customers", "pageInfo", "endCursor").(string)
	for name, arguments := range map[string]string{
		"too many":                      `first: 101`,
		"none":                          `first: 0`,
		"negative":                      `last: -1`,
		"both ends":                     `first: 1, last: 1`,
		"a cursor that is none":         `after: "abc"`,
		"a cursor of another order":     `after: "` + first + `", orderBy: { field: LEGAL_NAME }`,
		"a cursor of another filter":    `after: "` + first + `", filter: { kycStatus: [OK] }`,
		"no cursor at all":              `after: "!"`,
		"a cursor that somebody made":   `after: "` + models.EncodeCursor("customer.x", []string{"x", "y"}) + `"`,
		"a cursor with a made-up key":   `after: "` + forged(t, first, "x", "y") + `"`,
		"a cursor with a NUL":           `after: "` + forged(t, first, "2024-01-01", "\x00") + `"`,
		"a filter with too many values": `filter: { branchId: { in: [` + strings.Repeat(`"x",`, 101) + `] } }`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := d.ask("demo-admin", `{ customers(`+arguments+`) { nodes { id } } }`, nil)
			if codes := answer.codes(); len(codes) == 0 || codes[0] != "BAD_USER_INPUT" && codes[0] != "GRAPHQL_VALIDATION_FAILED" {
				t.Errorf("%s", answer.raw)
			}
		})
	}
}

func TestACursorIsGoodForItsOwnListOnly(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	const ask = `query ($after: Cursor) { customerOverview(bankId: "gh.29.uk", customerNumber: "5987953") { kycChecks(first: 1, after: $after) { pageInfo { endCursor } } } }`
	cursor := d.ask("demo-admin", ask, nil).find(t, "customerOverview", "kycChecks", "pageInfo", "endCursor")
	if answer := d.ask("demo-admin", ask, map[string]any{"after": cursor}); len(answer.Errors) > 0 {
		t.Errorf("%s", answer.raw)
	}
	other := strings.ReplaceAll(ask, "kycChecks", "kycDocuments")
	if codes := d.ask("demo-admin", other, map[string]any{"after": cursor}).codes(); len(codes) != 1 || codes[0] != "BAD_USER_INPUT" {
		t.Errorf("a cursor of the checks is good for the documents: %v", codes)
	}
}

// forged is a cursor of the same list with another key.
func forged(t *testing.T, cursor string, key ...string) string {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		t.Fatal(err)
	}
	var content struct {
		List string `json:"l"`
	}
	if err := json.Unmarshal(raw, &content); err != nil {
		t.Fatal(err)
	}
	return models.EncodeCursor(content.List, key)
}

func TestFilters(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	count := func(filter string) int {
		t.Helper()
		answer := d.ask("demo-admin", `{ customers(filter: `+filter+`, first: 100) { totalCount nodes { id } } }`, nil)
		if len(answer.Errors) > 0 {
			t.Fatalf("%s: %s", filter, answer.raw)
		}
		total := int(answer.find(t, "customers", "totalCount").(float64))
		if listed := len(answer.find(t, "customers", "nodes").([]any)); listed != total {
			t.Errorf("%s: %d are counted and %d listed", filter, total, listed)
		}
		return total
	}
	if got := count(`{ customerNumber: { eq: "5987953" } }`); got != 1 {
		t.Errorf("%d customers have the number of the example", got)
	}
	if got := count(`{ customerNumber: { in: [] } }`) + count(`{ kycStatus: [] }`); got != 0 {
		t.Errorf("an empty list admits %d", got)
	}
	if got := count(`{ kycStatus: [OK] }`) + count(`{ kycStatus: [NOT_OK, NONE] }`); got != dbtest.Customers {
		t.Errorf("the states add up to %d", got)
	}
	if got := count(`{ createdAt: { before: "2023-06-01T00:00:00Z" } }`) + count(`{ createdAt: { from: "2023-06-01T00:00:00Z" } }`); got != dbtest.Customers {
		t.Errorf("two halves of time add up to %d", got)
	}
	if got := count(`{ dateOfBirth: { before: "1980-01-01" } }`) + count(`{ dateOfBirth: { from: "1980-01-01" } }`); got != dbtest.Customers {
		t.Errorf("two halves of birth dates add up to %d", got)
	}
	// What LIKE, Bun or SQL would read as more than a letter is a letter.
	for _, letters := range []string{"%", "_", `\\`, "?", "'", "''; --", "$1", "?0"} {
		for _, operator := range []string{"startsWith", "eq"} {
			if got := count(`{ legalName: { ` + operator + `: "` + letters + `" } }`); got != 0 {
				t.Errorf("%s %s admits %d", operator, letters, got)
			}
		}
	}
}
