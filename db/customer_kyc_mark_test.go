package db_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// unmarked is how many decisions are not marked as the order of their timeline says.
const unmarked = `SELECT count(*) FROM kyc_status AS this LEFT JOIN LATERAL (SELECT min(recorded_at) AS recorded_at FROM kyc_status AS later
	WHERE later.customer_id = this.customer_id AND later.bank_id = this.bank_id AND later.recorded_at > this.recorded_at) AS next ON true
	WHERE superseded_at IS DISTINCT FROM next.recorded_at`

func TestCustomersAreMarkedWhenThereIsADecision(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	const wrong = `SELECT count(*) FROM customer WHERE has_kyc_status <> EXISTS (SELECT FROM kyc_status WHERE kyc_status.customer_id = customer.customer_id AND kyc_status.bank_id = customer.bank_id)`
	if marks := scan[int](t, store, wrong); marks != 0 {
		t.Errorf("%d marks of the demo data are wrong", marks)
	}
	list := db.CustomerList{Banks: []string{"gh.29.uk"}, Filter: &models.CustomerFilter{KycStatus: []models.KycState{models.KycStateNone}}}
	execute(t, store, "DELETE FROM kyc_status WHERE customer_id IN (SELECT customer_id FROM customer WHERE bank_id = 'gh.29.uk' LIMIT 2)")
	execute(t, store, "UPDATE customer SET has_kyc_status = false") // customers are the same without marks: they only say where not to look
	undecided := walk(t, store, list, 10, false)
	if len(undecided) < 2 {
		t.Fatal(undecided)
	}
	id, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	if err := store.InTx(t.Context(), func(tx *db.Store) error {
		return tx.InsertKycStatus(t.Context(), &models.KycStatus{KycStatusID: id, BankID: "gh.29.uk", CustomerID: undecided[0], DecidedAt: time.Now()})
	}); err != nil {
		t.Fatal(err)
	}
	if left := walk(t, store, list, 10, false); !slices.Equal(left, undecided[1:]) || scan[int](t, store, "SELECT count(*) FROM customer WHERE has_kyc_status") != 1 {
		t.Errorf("%v instead of %v", left, undecided[1:])
	}
}

func TestDecisionsAreMarkedWhenThereIsANewerOne(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	if wrong := scan[int](t, store, unmarked); wrong != 0 {
		t.Errorf("%d marks of the demo data are wrong", wrong)
	}
	execute(t, store, "UPDATE kyc_status SET superseded_at = NULL")
	missing := scan[int](t, store, unmarked)
	// Customers are in the same order without marks: they only say where not to look.
	list := db.CustomerList{Banks: []string{"gh.29.uk"}, Order: &models.CustomerOrder{Field: models.CustomerOrderFieldKycStatusSince, Direction: models.OrderDirectionAsc}}
	want := filesInOrder(files(t, store, list.Banks), kycOrders[models.CustomerOrderFieldKycStatusSince], false)
	if got := walk(t, store, list, 10, false); !slices.Equal(got, want) {
		t.Errorf("without marks:\n%v\n%v", got, want)
	}
	paths, err := filepath.Glob("migrations/*_kyc_status_superseded_so_far.sql")
	if err != nil || len(paths) != 1 {
		t.Fatal(paths, err)
	}
	migration, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	_, statement, _ := strings.Cut(string(migration), "-- +goose Up")
	execute(t, store, statement)
	if wrong := scan[int](t, store, unmarked); wrong != 0 || missing == 0 {
		t.Errorf("of %d marks that were missing %d are wrong after the migration", missing, wrong)
	}
}
