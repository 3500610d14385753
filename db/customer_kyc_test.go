package db_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// kycFile is what customers can be sorted by, computed in another way than the lists do.
type kycFile struct {
	CustomerID uuid.UUID
	CreatedAt  time.Time
	State      models.KycState
	Decided    *time.Time
	Awaiting   *time.Time
	Expiring   *time.Time // from today on
	InPeriod   *time.Time // the first day in 2030 to 2033 on which something expires
}

// period is 2030 to 2033.
func period() *models.DateRange {
	from, before := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2034, 1, 1, 0, 0, 0, 0, time.UTC)
	return &models.DateRange{From: &from, Before: &before}
}

// files are the KYC files of all customers of some banks.
func files(t *testing.T, store *db.Store, banks []string) []kycFile {
	t.Helper()
	rows, err := store.Pool().Query(t.Context(), `SELECT customer_id, customer.created_at, state,
			(array_agg(DISTINCT newest.decided_at) FILTER (WHERE newest.recorded_at = (SELECT max(recorded_at) FROM kyc_status AS s WHERE s.customer_id = customer.customer_id)))[1] AS decided,
			min(document.created_at) FILTER (WHERE review_status = 'NEW') AS awaiting,
			min(expires_on) FILTER (WHERE review_status IN ('NEW', 'VALID') AND expires_on >= (now() AT TIME ZONE 'UTC')::date) AS expiring,
			min(expires_on) FILTER (WHERE review_status IN ('NEW', 'VALID') AND expires_on >= '2030-01-01' AND expires_on < '2034-01-01') AS in_period
		FROM customer JOIN kyc_standing USING (customer_id, bank_id) LEFT JOIN kyc_status AS newest USING (customer_id, bank_id)
			LEFT JOIN live_kyc_document AS document USING (customer_id, bank_id)
		WHERE customer.bank_id = ANY($1) GROUP BY 1, 2, 3`, banks)
	if err != nil {
		t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[kycFile])
	if err != nil || len(found) < 30 {
		t.Fatal(len(found), err)
	}
	return found
}

// kycOrders are the orders of the lists, as comparisons of files, first to last, and whether customers without a value come last.
var kycOrders = map[models.CustomerOrderField]func(f kycFile) (rank int, at *time.Time){
	models.CustomerOrderFieldKycStatus: func(f kycFile) (int, *time.Time) {
		return slices.Index(models.AllKycState, f.State), cmp.Or(f.Decided, &f.CreatedAt)
	},
	models.CustomerOrderFieldKycStatusSince:      func(f kycFile) (int, *time.Time) { return 0, f.Decided },
	models.CustomerOrderFieldAwaitingReviewSince: func(f kycFile) (int, *time.Time) { return 0, f.Awaiting },
	models.CustomerOrderFieldNextExpiry:          func(f kycFile) (int, *time.Time) { return 0, f.Expiring },
}

// filesInOrder sorts files as a list should have them.
func filesInOrder(all []kycFile, of func(kycFile) (int, *time.Time), isDescending bool) []uuid.UUID {
	slices.SortFunc(all, func(a, b kycFile) int {
		way := 1
		if isDescending {
			way = -1
		}
		aRank, aAt := of(a)
		bRank, bAt := of(b)
		switch {
		case aRank != bRank:
			return way * cmp.Compare(aRank, bRank)
		case (aAt == nil) != (bAt == nil): // those without a value come last, either way
			return map[bool]int{true: 1, false: -1}[aAt == nil]
		case aAt == nil:
			aAt, bAt = &a.CreatedAt, &b.CreatedAt
		}
		return way * cmp.Or(aAt.Compare(*bAt), cmp.Compare(a.CustomerID.String(), b.CustomerID.String()))
	})
	ids := make([]uuid.UUID, len(all))
	for i, file := range all {
		ids[i] = file.CustomerID
	}
	return ids
}

// walk reads a whole list page by page, from one end.
func walk(t *testing.T, store *db.Store, list db.CustomerList, size int, isBackward bool) []uuid.UUID {
	t.Helper()
	var ids []uuid.UUID
	page := models.Page{Limit: size, Backward: isBackward}
	for range 100 {
		found, err := store.Customers(t.Context(), list, page)
		if err != nil {
			t.Fatal(err)
		}
		var here []uuid.UUID
		for _, customer := range found.Nodes() {
			here = append(here, customer.CustomerID)
		}
		if isBackward {
			ids = append(here, ids...)
		} else {
			ids = append(ids, here...)
		}
		more := found.PageInfo.HasNextPage
		if isBackward {
			more = found.PageInfo.HasPreviousPage
		}
		if !more {
			if count, err := found.TotalCount(t.Context()); err != nil || count != len(ids) {
				t.Errorf("%d are counted and %d listed: %v", count, len(ids), err)
			}
			return ids
		}
		if isBackward {
			page.Before = *found.PageInfo.StartCursor
		} else {
			page.After = *found.PageInfo.EndCursor
		}
	}
	t.Fatal("the list has no end")
	return nil
}

func TestCustomersAreSortedByWhatTheirKycFileSays(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	for _, banks := range [][]string{{"gh.29.uk"}, {"gh.29.uk", "nl.07.demo"}} {
		all := files(t, store, banks)
		for field, of := range kycOrders {
			for _, direction := range models.AllOrderDirection {
				isDescending := direction == models.OrderDirectionDesc
				want := filesInOrder(slices.Clone(all), of, isDescending)
				list := db.CustomerList{Banks: banks, Order: &models.CustomerOrder{Field: field, Direction: direction}}
				for _, size := range []int{1, 7, 100} {
					for _, isBackward := range []bool{false, true} {
						// Of two banks the last two of a rank may differ in nothing but the bank.
						if got := walk(t, store, list, size, isBackward); !slices.Equal(got, want) {
							t.Errorf("%s %s in pages of %d, backward %t, at %v:\n%v\n%v", field, direction, size, isBackward, banks, got, want)
						}
					}
				}
			}
		}
	}
}

func TestCustomersAreFoundByWhatTheirKycFileSays(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	banks := []string{"gh.29.uk"}
	yes, no := true, false
	for name, test := range map[string]struct {
		filter models.CustomerFilter
		is     func(f kycFile) bool
	}{
		"awaiting review":          {models.CustomerFilter{DocumentsAwaitingReview: &yes}, func(f kycFile) bool { return f.Awaiting != nil }},
		"none awaiting review":     {models.CustomerFilter{DocumentsAwaitingReview: &no}, func(f kycFile) bool { return f.Awaiting == nil }},
		"expiring in a period":     {models.CustomerFilter{DocumentsExpiring: period()}, func(f kycFile) bool { return f.InPeriod != nil }},
		"expiring at all":          {models.CustomerFilter{DocumentsExpiring: &models.DateRange{}, KycStatus: []models.KycState{}}, func(kycFile) bool { return false }},
		"not ok":                   {models.CustomerFilter{KycStatus: []models.KycState{models.KycStateNotOk}}, func(f kycFile) bool { return f.State == models.KycStateNotOk }},
		"never decided":            {models.CustomerFilter{KycStatus: []models.KycState{models.KycStateNone}}, func(f kycFile) bool { return f.State == models.KycStateNone }},
		"never decided, or ok":     {models.CustomerFilter{KycStatus: []models.KycState{models.KycStateNone, models.KycStateOk}}, func(f kycFile) bool { return f.State != models.KycStateNotOk }},
		"any state":                {models.CustomerFilter{KycStatus: models.AllKycState}, func(kycFile) bool { return true }},
		"awaiting and not ok":      {models.CustomerFilter{DocumentsAwaitingReview: &yes, KycStatus: []models.KycState{models.KycStateNotOk}}, func(f kycFile) bool { return f.Awaiting != nil && f.State == models.KycStateNotOk }},
		"awaiting and in a period": {models.CustomerFilter{DocumentsAwaitingReview: &yes, DocumentsExpiring: period()}, func(f kycFile) bool { return f.Awaiting != nil && f.InPeriod != nil }},
	} {
		all := slices.DeleteFunc(files(t, store, banks), func(f kycFile) bool { return !test.is(f) })
		for field := range kycOrders {
			of := kycOrders[field]
			if field == models.CustomerOrderFieldNextExpiry && test.filter.DocumentsExpiring != nil {
				of = func(f kycFile) (int, *time.Time) { return 0, f.InPeriod }
			}
			list := db.CustomerList{Banks: banks, Filter: &test.filter, Order: &models.CustomerOrder{Field: field, Direction: models.OrderDirectionAsc}}
			if got, want := walk(t, store, list, 3, false), filesInOrder(slices.Clone(all), of, false); !slices.Equal(got, want) {
				t.Errorf("%s by %s:\n%v\n%v", name, field, got, want)
			}
		}
		byAge := walk(t, store, db.CustomerList{Banks: banks, Filter: &test.filter}, 100, false)
		if len(byAge) != len(all) {
			t.Errorf("%s: %d instead of %d", name, len(byAge), len(all))
		}
	}
}

func TestACursorOfOneSectionOrOrderIsNoneOfAnother(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	list := func(field models.CustomerOrderField) db.CustomerList {
		return db.CustomerList{Banks: []string{"gh.29.uk"}, Order: &models.CustomerOrder{Field: field, Direction: models.OrderDirectionAsc}}
	}
	found, err := store.Customers(t.Context(), list(models.CustomerOrderFieldNextExpiry), models.Page{Limit: 3})
	if err != nil {
		t.Fatal(err)
	}
	for field := range kycOrders {
		_, err := store.Customers(t.Context(), list(field), models.Page{Limit: 3, After: *found.PageInfo.EndCursor})
		if isOther := field != models.CustomerOrderFieldNextExpiry; isOther != (models.CodeOf(err) == models.BadInput) || !isOther && err != nil {
			t.Errorf("%s: %v", field, err)
		}
	}
	// A cursor of the last section, and one of the first: what is between them is read over the border.
	all, err := store.Customers(t.Context(), list(models.CustomerOrderFieldNextExpiry), models.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	last := len(all.Edges) - 1
	between, err := store.Customers(t.Context(), list(models.CustomerOrderFieldNextExpiry), models.Page{Limit: 100, After: all.Edges[0].Cursor, Before: all.Edges[last].Cursor})
	if err != nil || len(between.Edges) != last-1 {
		t.Errorf("%d of %d, %v", len(between.Edges), last-1, err)
	}
	none, err := store.Customers(t.Context(), list(models.CustomerOrderFieldNextExpiry), models.Page{Limit: 100, After: all.Edges[last].Cursor, Before: all.Edges[0].Cursor})
	if err != nil || len(none.Edges) != 0 {
		t.Errorf("%d between the last and the first, %v", len(none.Edges), err)
	}
}

// manyFiles adds so many customers with a KYC file, of whom few have something to do.
func manyFiles(t *testing.T, store *db.Store, count int) {
	t.Helper()
	for _, statement := range []string{
		`INSERT INTO customer (customer_id, bank_id, customer_number, legal_name) SELECT gen_random_uuid(), 'gh.29.uk', 'k' || n, 'Name' || n FROM generate_series(1, $1) AS n`,
		`INSERT INTO kyc_document (kyc_document_id, bank_id, customer_id, type, expires_on, review_status, created_at)
			SELECT gen_random_uuid(), bank_id, customer_id, 'PASSPORT', date '2027-01-01' + (random() * 3000)::integer, CASE WHEN random() < 0.02 THEN 'NEW' ELSE 'VALID' END,
			       now() - random() * interval '900 days' FROM customer, generate_series(1, 2) WHERE customer_number LIKE 'k%' AND $1 > 0`,
		`INSERT INTO kyc_status (kyc_status_id, bank_id, customer_id, is_ok, decided_at, recorded_at, superseded_at)
			SELECT gen_random_uuid(), bank_id, customer_id, random() < 0.9, now() - (4 - n) * interval '100 days' - random() * interval '90 days', now() - (4 - n) * interval '100 days',
			       CASE WHEN n < 3 THEN now() - (3 - n) * interval '100 days' END FROM customer, generate_series(1, 3) AS n WHERE customer_number LIKE 'k%' AND $1 > 0`,
	} {
		execute(t, store, statement, count)
	}
	execute(t, store, "UPDATE customer SET has_kyc_status = true WHERE customer_number LIKE 'k%'")
	execute(t, store, "ANALYZE")
}

func TestTheQueueIsServedByItsIndexes(t *testing.T) {
	t.Parallel()
	var last lastStatement
	store := dbtest.Seeded(t, &last)
	manyFiles(t, store, 5000)
	yes := true
	days := period()
	none := []models.KycState{models.KycStateNone}
	askFor := func(field models.CustomerOrderField, direction models.OrderDirection, filter *models.CustomerFilter) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			list := db.CustomerList{Banks: []string{"gh.29.uk"}, Filter: filter, Order: &models.CustomerOrder{Field: field, Direction: direction}}
			found, err := store.Customers(ctx, list, models.Page{Limit: 20})
			if err == nil && found.PageInfo.HasNextPage {
				_, err = store.Customers(ctx, list, models.Page{Limit: 20, After: *found.PageInfo.EndCursor})
			}
			return err
		}
	}
	ask := func(field models.CustomerOrderField, filter *models.CustomerFilter) func(ctx context.Context) error {
		return askFor(field, models.OrderDirectionAsc, filter)
	}
	queue := store.KycQueue("gh.29.uk")
	for name, test := range map[string]struct {
		index string
		ask   func(ctx context.Context) error
	}{
		// Nearly all are OK: an index with the decision in it and one without serve them as well, and chance decides which is taken.
		"by state":                   {"kyc_status_newest", ask(models.CustomerOrderFieldKycStatus, nil)},
		"by state, not ok":           {"kyc_status_newest on", ask(models.CustomerOrderFieldKycStatus, &models.CustomerFilter{KycStatus: []models.KycState{models.KycStateNotOk}})},
		"by decision":                {"kyc_status_newest_of_all on", ask(models.CustomerOrderFieldKycStatusSince, nil)},
		"by decision, ok":            {"kyc_status_newest", ask(models.CustomerOrderFieldKycStatusSince, &models.CustomerFilter{KycStatus: []models.KycState{models.KycStateOk}})},
		"by state, from the end":     {"customer_undecided on", askFor(models.CustomerOrderFieldKycStatus, models.OrderDirectionDesc, &models.CustomerFilter{KycStatus: none})},
		"by decision, who has none":  {"customer_undecided on", ask(models.CustomerOrderFieldKycStatusSince, &models.CustomerFilter{KycStatus: none})},
		"newest first, who has none": {"customer_undecided on", ask(models.CustomerOrderFieldCreatedAt, &models.CustomerFilter{KycStatus: none})},
		"by what waits":              {"kyc_document_awaiting on", ask(models.CustomerOrderFieldAwaitingReviewSince, &models.CustomerFilter{DocumentsAwaitingReview: &yes})},
		"by what waits, of all":      {"kyc_document_awaiting on", ask(models.CustomerOrderFieldAwaitingReviewSince, nil)},
		"by expiry":                  {"kyc_document_expiring on", ask(models.CustomerOrderFieldNextExpiry, nil)},
		"by expiry in a period":      {"kyc_document_expiring on", ask(models.CustomerOrderFieldNextExpiry, &models.CustomerFilter{DocumentsExpiring: days})},
		"how many await":             {"kyc_document_awaiting", func(ctx context.Context) error { _, err := queue.Awaiting(ctx); return err }},
		"how many expire":            {"kyc_document_expiring", func(ctx context.Context) error { _, err := queue.Expiring(ctx, 90); return err }},
		"how many have expired":      {"kyc_document_expiring", func(ctx context.Context) error { _, err := queue.Expired(ctx); return err }},
	} {
		if err := test.ask(t.Context()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		rows, err := store.Pool().Query(t.Context(), "EXPLAIN "+last.sql)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		plan := strings.Join(lines, "\n")
		if err != nil || !strings.Contains(plan, test.index) || strings.Contains(plan, "Seq Scan on") || strings.Contains(plan, "Sort Key: row.") {
			t.Errorf("%s is not served by %s: %v\n%s", name, test.index, err, plan)
		}
	}
}

func TestTheQueueCountsWhatIsInIt(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	people(t, store, "a", "b", "c")
	add := func(name, status string, days int) {
		t.Helper()
		reasons := "{}"
		if status == "INVALID" {
			reasons = "{OTHER}"
		}
		execute(t, store, `INSERT INTO kyc_document (kyc_document_id, bank_id, customer_id, type, expires_on, review_status, decline_reasons, comment)
			SELECT gen_random_uuid(), bank_id, customer_id, 'PASSPORT', (now() AT TIME ZONE 'UTC')::date + $3::integer, $2, $4::text[], CASE WHEN $2 = 'INVALID' THEN 'Blurred' END FROM customer WHERE legal_name = $1`, name, status, days, reasons)
	}
	add("a", "NEW", 0)
	add("a", "NEW", 29)
	add("a", "VALID", 30)
	add("b", "VALID", -1)
	add("b", "INVALID", 5)
	add("b", "INVALID", -5)
	add("c", "NEW", 89)
	add("c", "VALID", 90)
	queue := store.KycQueue(searchBank)
	for name, test := range map[string]struct {
		count func() (int, error)
		want  int
	}{
		"customers who wait":      {func() (int, error) { return queue.CustomersAwaitingReview(t.Context()) }, 2},
		"expiring today":          {func() (int, error) { return queue.DocumentsExpiring(t.Context(), 1) }, 1},
		"expiring in 30 days":     {func() (int, error) { return queue.DocumentsExpiring(t.Context(), 30) }, 2},
		"expiring in 90 days":     {func() (int, error) { return queue.DocumentsExpiring(t.Context(), 90) }, 4},
		"expiring in ten years":   {func() (int, error) { return queue.DocumentsExpiring(t.Context(), 3660) }, 5},
		"expired":                 {func() (int, error) { return queue.DocumentsExpired(t.Context()) }, 1},
		"expired at another bank": {func() (int, error) { return store.KycQueue("other.bank").DocumentsExpired(t.Context()) }, 0},
	} {
		if got, err := test.count(); err != nil || got != test.want {
			t.Errorf("%s: %d instead of %d, %v", name, got, test.want, err)
		}
	}
	for _, days := range []int{0, -1, 3661} {
		if _, err := queue.DocumentsExpiring(t.Context(), days); models.CodeOf(err) != models.BadInput {
			t.Errorf("%d days are taken: %v", days, err)
		}
	}
	var counts []string
	byReview, err := queue.DocumentsByReviewStatus(t.Context())
	for _, count := range byReview {
		counts = append(counts, fmt.Sprint(count.ReviewStatus, " ", count.Count))
	}
	if got := strings.Join(counts, ", "); err != nil || got != "NEW 3, VALID 3, INVALID 2" {
		t.Errorf("%s, %v", got, err)
	}
}
