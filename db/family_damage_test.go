package db

import (
	"testing"

	"github.com/jackc/pgx/v5/pgtype"

	"bankgraph/models"
)

// TestDamagedArraysAreRefused cuts what Postgres sends at every place.
func TestDamagedArraysAreRefused(t *testing.T) {
	t.Parallel()
	whole := []byte{
		0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 8, 0xC1, 0, 0, 0, 1, 0, 0, 0, 1, // one row
		0, 0, 0, 46, 0, 0, 0, 3, // of three values
		0, 0, 0x0B, 0x86, 0, 0, 0, 16, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, // a UUID
		0, 0, 0, 25, 0, 0, 0, 1, 'a', 0, 0, 0, 25, 0, 0, 0, 1, 'b', // the key
	}
	read := func(array []byte) ([]Item[models.KycStanding], error) {
		return items[models.KycStanding](pgtype.NewMap(), newRowPlans(table{fields: [][]int{{1}}}), true, array)
	}
	if found, err := read(whole); err != nil || len(found) != 1 || found[0].Row.CustomerID[15] != 16 || found[0].Key[1] != "b" {
		t.Fatal(found, err)
	}
	for end := range whole {
		if found, err := read(whole[:end]); err == nil {
			t.Errorf("cut at %d it is %v", end, found)
		}
	}
}
