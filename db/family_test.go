package db_test

import (
	"testing"

	"bankgraph/db"
	"bankgraph/models"
)

// TestListsBelowTheSameParentsAreReadTogether asks for several pages of the same checks at once, as a document with aliases does.
func TestListsBelowTheSameParentsAreReadTogether(t *testing.T) {
	t.Parallel()
	c := newChecks(t)
	batch := c.store.Batch()
	type asked struct {
		list    db.List
		parents []db.Parent
		span    db.Span
		found   [][]db.Item[models.KycCheck]
	}
	var all []*asked
	for _, parents := range [][]db.Parent{c.parents, c.parents[:1], c.parents[2:3]} {
		for _, list := range []db.List{newestFirst, oldestFirst} {
			after := c.rows[c.parents[4]][7]
			for _, span := range []db.Span{
				{Page: models.Page{Limit: 3}},
				{Page: models.Page{Limit: 500}, NoKeys: true},
				{Page: models.Page{Limit: 5, After: cursor(list, after)}},
				{Page: models.Page{Limit: 5, Backward: true, Before: cursor(list, after)}, Only: keys(c.rows[c.parents[4]])[:20]},
			} {
				all = append(all, &asked{list, parents, span, nil})
			}
		}
	}
	for _, a := range all {
		if err := db.AddChildren(batch, a.list, a.parents, a.span, func(found [][]db.Item[models.KycCheck]) { a.found = found }); err != nil {
			t.Fatal(err)
		}
	}
	if batch.Len() != 3 {
		t.Errorf("%d statements for three lists of parents", batch.Len())
	}
	if err := batch.Send(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, a := range all {
		_, alone := c.children(t, a.list, a.parents, a.span)
		if difference := diff(alone, a.found); difference != "" {
			t.Errorf("%d: together they are not what they are alone:\n%s", i, difference)
		}
		for _, page := range a.found {
			for _, item := range page {
				if (len(item.Key) == 0) != a.span.NoKeys {
					t.Fatalf("%d: the key is %v", i, item.Key)
				}
			}
		}
	}
}

// TestAConnectionKeepsFewStatements asks for more choices of edges than a connection may keep.
func TestAConnectionKeepsFewStatements(t *testing.T) {
	t.Parallel()
	c := newChecks(t)
	for choice := range 150 {
		batch := c.store.Batch()
		answers := 0
		for bit := range 8 {
			if choice+1&(1<<bit) == 0 {
				continue
			}
			list := []db.List{newestFirst, oldestFirst}[bit%2]
			span := db.Span{Page: models.Page{Limit: 1 + bit, Backward: bit&2 != 0}, NoKeys: bit&4 != 0}
			if err := db.AddChildren(batch, list, c.parents, span, func([][]db.Item[models.KycCheck]) { answers++ }); err != nil {
				t.Fatal(err)
			}
		}
		asked := batch.Len()
		if err := batch.Send(t.Context()); err != nil || asked > 0 && answers == 0 {
			t.Fatal(choice, answers, err)
		}
	}
	if kept := scan[int](t, c.store, "SELECT count(*) FROM pg_prepared_statements"); kept == 0 || kept > 64+5 {
		t.Errorf("the connection keeps %d statements", kept)
	}
}
