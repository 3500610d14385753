package db_test

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// checks are KYC checks of some customers, made by chance that is the same every time. Many were done at the same instant.
type checks struct {
	store   *db.Store
	chance  *rand.Rand
	parents []db.Parent
	rows    map[db.Parent][]*models.KycCheck // by time and identifier, oldest first
}

// oldestFirst and newestFirst are the two orders of the checks.
var (
	oldestFirst = db.List{Parent: "customer_id", Sort: "checked_at", Cast: "timestamptz", Only: "kyc_check_id"}
	newestFirst = db.List{Parent: "customer_id", Sort: "checked_at", Cast: "timestamptz", Only: "kyc_check_id", Desc: true}
)

func newChecks(t *testing.T) *checks {
	t.Helper()
	c := &checks{store: dbtest.Empty(t), chance: rand.New(rand.NewPCG(1, 2)), rows: map[db.Parent][]*models.KycCheck{}}
	for _, bank := range []string{"one.bank", "other.bank"} {
		execute(t, c.store, "INSERT INTO bank (bank_id, bank_uuid, short_name, full_name) VALUES ($1, $2, 'x', 'x')", bank, c.id())
	}
	// The last two are one UUID at two banks, which keys that contain the bank allow.
	twin := c.id()
	for i, count := range []int{0, 1, 2, 9, 40, 25, 12, 15} {
		parent := db.Parent{BankID: "one.bank", UUID: c.id()}
		if i%2 == 1 {
			parent.BankID = "other.bank"
		}
		if i >= 6 {
			parent.UUID = twin
		}
		c.parents = append(c.parents, parent)
		execute(t, c.store, "INSERT INTO customer (customer_id, bank_id, customer_number, legal_name) VALUES ($1, $2, $3, 'x')", parent.UUID, parent.BankID, parent.UUID)
		for range count {
			c.insert(t, parent)
		}
		slices.SortFunc(c.rows[parent], inOrder)
	}
	return c
}

func (c *checks) id() uuid.UUID {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:], c.chance.Uint64())
	binary.BigEndian.PutUint64(id[8:], c.chance.Uint64())
	return id
}

func (c *checks) insert(t *testing.T, parent db.Parent) {
	t.Helper()
	at := time.Date(2026, 1, 31, 23, 59, 59, 0, time.UTC).Add(time.Duration(c.chance.IntN(6)) * time.Microsecond)
	check := &models.KycCheck{KycCheckID: c.id(), BankID: parent.BankID, CustomerID: parent.UUID, CheckedAt: at}
	execute(t, c.store, `INSERT INTO kyc_check (kyc_check_id, bank_id, customer_id, checked_at, how, staff_user_id, staff_name, is_satisfied, comments)
		VALUES ($1, $2, $3, $4, '', '', '', false, '')`, check.KycCheckID, check.BankID, check.CustomerID, check.CheckedAt)
	c.rows[parent] = append(c.rows[parent], check)
}

func inOrder(a, b *models.KycCheck) int {
	return cmp.Or(a.CheckedAt.Compare(b.CheckedAt), bytes.Compare(a.KycCheckID[:], b.KycCheckID[:]))
}

// of are the checks of a parent in the order of a list, as far as only admits them.
func (c *checks) of(parent db.Parent, list db.List, only []uuid.UUID) []*models.KycCheck {
	rows := slices.DeleteFunc(slices.Clone(c.rows[parent]), func(row *models.KycCheck) bool {
		return only != nil && !slices.Contains(only, row.KycCheckID)
	})
	if list.Desc {
		slices.Reverse(rows)
	}
	return rows
}

// page is what Children promises of one parent, written down without SQL.
func (c *checks) page(parent db.Parent, list db.List, span db.Span, after, before *models.KycCheck) []uuid.UUID {
	order := inOrder
	if list.Desc {
		order = func(a, b *models.KycCheck) int { return inOrder(b, a) }
	}
	rows := slices.DeleteFunc(c.of(parent, list, span.Only), func(row *models.KycCheck) bool {
		return after != nil && order(row, after) <= 0 || before != nil && order(row, before) >= 0
	})
	if span.Backward {
		slices.Reverse(rows)
	}
	return keys(rows[:min(len(rows), span.Limit+1)])
}

func keys(rows []*models.KycCheck) []uuid.UUID {
	ids := []uuid.UUID{}
	for _, row := range rows {
		ids = append(ids, row.KycCheckID)
	}
	return ids
}

// children are the identifiers of the pages that Children reads.
func (c *checks) children(t *testing.T, list db.List, parents []db.Parent, span db.Span) ([][]uuid.UUID, [][]db.Item[models.KycCheck]) {
	t.Helper()
	pages, err := db.Children[models.KycCheck](t.Context(), c.store, list, parents, span)
	if err != nil || len(pages) != len(parents) {
		t.Fatalf("%d pages for %d parents: %v", len(pages), len(parents), err)
	}
	ids := make([][]uuid.UUID, len(pages))
	for i, page := range pages {
		ids[i] = []uuid.UUID{}
		for _, item := range page {
			ids[i] = append(ids[i], item.Row.KycCheckID)
		}
	}
	return ids, pages
}

func cursor(list db.List, row *models.KycCheck) string {
	if row == nil {
		return ""
	}
	return models.EncodeCursor(list.Name(), []string{row.CheckedAt.Format("2006-01-02 15:04:05.000000-07:00"), row.KycCheckID.String()})
}

// TestChildrenAreWhatTheyPromise asks for pages that chance chose, and compares them with a model of a few lines.
func TestChildrenAreWhatTheyPromise(t *testing.T) {
	t.Parallel()
	c := newChecks(t)
	all := []*models.KycCheck{nil}
	for _, parent := range c.parents {
		all = append(all, c.rows[parent]...)
	}
	someone := func() *models.KycCheck { return all[c.chance.IntN(len(all))*c.chance.IntN(2)] }
	for range 300 {
		list := []db.List{oldestFirst, newestFirst}[c.chance.IntN(2)]
		after, before := someone(), someone()
		span := db.Span{Page: models.Page{
			Limit: 1 + c.chance.IntN(30), Backward: c.chance.IntN(2) == 0, After: cursor(list, after), Before: cursor(list, before),
		}}
		if c.chance.IntN(2) == 0 {
			span.Only = []uuid.UUID{}
			for range c.chance.IntN(60) {
				if row := someone(); row != nil {
					span.Only = append(span.Only, row.KycCheckID)
				}
			}
		}
		parents := slices.Clone(c.parents[c.chance.IntN(len(c.parents)):])
		c.chance.Shuffle(len(parents), func(i, j int) { parents[i], parents[j] = parents[j], parents[i] })
		got, _ := c.children(t, list, parents, span)
		counts, err := db.Counts[models.KycCheck](t.Context(), c.store, list, parents, span.Only)
		if err != nil {
			t.Fatal(err)
		}
		for i, parent := range parents {
			if difference := diff(c.page(parent, list, span, after, before), got[i]); difference != "" {
				t.Fatalf("%+v of %v (-want +got):\n%s", span, parent, difference)
			}
			if want := len(c.of(parent, list, span.Only)); counts[i] != want {
				t.Fatalf("%d rows are counted of %d", counts[i], want)
			}
		}
	}
}

// TestPagesOfEachParentMakeUpItsList walks from both ends, with another size of page at every step.
func TestPagesOfEachParentMakeUpItsList(t *testing.T) {
	t.Parallel()
	c := newChecks(t)
	for _, list := range []db.List{oldestFirst, newestFirst} {
		for _, isBackward := range []bool{false, true} {
			for _, parent := range c.parents {
				want := keys(c.of(parent, list, nil))
				if isBackward {
					slices.Reverse(want)
				}
				if difference := diff(want, c.walk(t, list, parent, isBackward)); difference != "" {
					t.Errorf("%v, backward %t (-want +got):\n%s", parent, isBackward, difference)
				}
			}
		}
	}
}

func (c *checks) walk(t *testing.T, list db.List, parent db.Parent, isBackward bool) []uuid.UUID {
	t.Helper()
	walked, at := []uuid.UUID{}, ""
	for range 100 {
		span := db.Span{Page: models.Page{Limit: 1 + c.chance.IntN(12), Backward: isBackward, After: at}}
		if isBackward {
			span.After, span.Before = "", at
		}
		ids, pages := c.children(t, list, []db.Parent{parent}, span)
		shown := min(len(ids[0]), span.Limit)
		walked = append(walked, ids[0][:shown]...)
		if len(ids[0]) <= span.Limit {
			return walked
		}
		at = models.EncodeCursor(list.Name(), pages[0][shown-1].Key)
	}
	t.Fatal("the list does not end")
	return nil
}

func TestParentsAreAnsweredByPosition(t *testing.T) {
	t.Parallel()
	c := newChecks(t)
	nobody := db.Parent{BankID: "one.bank", UUID: c.id()}
	foreign := db.Parent{BankID: "other.bank", UUID: c.parents[4].UUID}
	parents := []db.Parent{c.parents[3], nobody, c.parents[6], c.parents[3], foreign, c.parents[0], c.parents[7]}
	got, _ := c.children(t, oldestFirst, parents, db.Span{Page: models.Page{Limit: 100}})
	want := make([][]uuid.UUID, len(parents))
	for i, parent := range parents {
		want[i] = keys(c.rows[parent])
	}
	if difference := diff(want, got); difference != "" {
		t.Error(difference)
	}
	counts, err := db.Counts[models.KycCheck](t.Context(), c.store, oldestFirst, parents, nil)
	if difference := diff([]int{9, 0, 12, 9, 0, 0, 15}, counts); difference != "" || err != nil {
		t.Error(err, difference)
	}
}

func TestNoParentsHaveNoChildren(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	pages, err := db.Children[models.KycCheck](t.Context(), store, oldestFirst, nil, db.Span{Page: models.Page{Limit: 5}})
	if len(pages) != 0 || err != nil {
		t.Error(pages, err)
	}
	counts, err := db.Counts[models.KycCheck](t.Context(), store, oldestFirst, nil, nil)
	if len(counts) != 0 || err != nil {
		t.Error(counts, err)
	}
}

func TestTheCursorOfAnotherListIsRefused(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	span := db.Span{Page: models.Page{Limit: 1, After: models.EncodeCursor("customer.created_at", []string{"2026-01-31", uuid.Nil.String()})}}
	_, err := db.Children[models.KycCheck](t.Context(), store, oldestFirst, make([]db.Parent, 1), span)
	wantFault(t, err, models.BadInput)
}

// TestARowHasItsColumns reads a row with every kind of column through the generic read, and through Bun.
func TestARowHasItsColumns(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	want, err := store.CustomerByNumber(t.Context(), "gh.29.uk", "5987953")
	if err != nil || want == nil {
		t.Fatal(want, err)
	}
	got, err := db.ByKeys[models.Customer](t.Context(), store, "customer_id", []uuid.UUID{want.CustomerID})
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	if difference := diff(want, got[0]); difference != "" {
		t.Errorf("Bun and pgx read it differently (-Bun +pgx):\n%s", difference)
	}
}

func TestRowsByTheirKeys(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	for name, test := range map[string]struct{ keys, want []string }{
		"no keys":              {[]string{}, []string{}},
		"nothing":              {nil, []string{}},
		"nobody's key":         {[]string{"gh.29.UK", "gh.29.uk ", "' OR true --"}, []string{}},
		"one of two":           {[]string{"nl.07.demo", "x"}, []string{"nl.07.demo"}},
		"one that comes twice": {[]string{"gh.29.uk", "gh.29.uk"}, []string{"gh.29.uk"}},
		"all":                  {[]string{"nl.07.demo", "gh.29.uk"}, []string{"gh.29.uk", "nl.07.demo"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			banks, err := db.ByKeys[models.Bank](t.Context(), store, "bank_id", test.keys)
			got := []string{}
			for _, bank := range banks {
				got = append(got, bank.BankID)
			}
			slices.Sort(got)
			if difference := diff(test.want, got); difference != "" || err != nil {
				t.Error(err, difference)
			}
		})
	}
}
