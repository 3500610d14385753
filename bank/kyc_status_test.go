package bank_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"bankgraph/models"
)

// decision is a row of a timeline.
type decision struct {
	ID           uuid.UUID
	IsOk         bool
	RecordedAt   time.Time
	IsSuperseded bool
}

// timeline are the decisions on a customer, the newest first.
func (h house) timeline(t *testing.T, customer models.ID) []decision {
	t.Helper()
	rows, err := h.store.Pool().Query(t.Context(), `SELECT kyc_status_id, is_ok, recorded_at, superseded_at IS NOT NULL
		FROM kyc_status WHERE customer_id = $1 ORDER BY recorded_at DESC, kyc_status_id DESC`, customer.UUID)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var found []decision
	for rows.Next() {
		var d decision
		if err := rows.Scan(&d.ID, &d.IsOk, &d.RecordedAt, &d.IsSuperseded); err != nil {
			t.Fatal(err)
		}
		found = append(found, d)
	}
	return found
}

// state is what the timeline of a customer says.
func (h house) state(t *testing.T, customer models.ID) (state models.KycState) {
	t.Helper()
	if err := h.store.Pool().QueryRow(t.Context(), "SELECT state FROM kyc_standing WHERE customer_id = $1", customer.UUID).Scan(&state); err != nil {
		t.Fatal(err)
	}
	return state
}

func (h house) decide(customer models.ID, isOk bool) models.AddKycStatusInput {
	return models.AddKycStatusInput{BankID: firstBank, CustomerID: customer, IsOk: isOk}
}

func TestK05OfTwoOppositeDecisionsAtOnceBothAreKeptAndTheLastCounts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	callers := []context.Context{h.as(t, "demo-admin"), h.as(t, "demo-officer")}
	customer := h.customer(t, "5987953")
	before := len(h.timeline(t, customer))
	const rounds = 60
	for round := range rounds {
		var group sync.WaitGroup
		var written [2]*models.KycStatus
		for i, by := range callers {
			group.Go(func() {
				made, err := h.AddKycStatus(by, h.decide(customer, i == 0))
				if err != nil {
					t.Error(err)
				}
				written[i] = made.Row
			})
		}
		group.Wait()
		if t.Failed() {
			return
		}
		found := h.timeline(t, customer)
		if len(found) != before+2*(round+1) {
			t.Fatalf("%d decisions after %d rounds", len(found), round+1)
		}
		if found[0].IsOk == found[1].IsOk || !found[0].RecordedAt.After(found[1].RecordedAt) || !found[1].RecordedAt.After(found[2].RecordedAt) {
			t.Fatalf("%+v", found[:3])
		}
		want := models.KycStateNotOk
		if found[0].IsOk {
			want = models.KycStateOk
		}
		if got := h.state(t, customer); got != want {
			t.Fatalf("the status is %s, and the last decision %+v", got, found[0])
		}
		for i, d := range found {
			if d.IsSuperseded != (i > 0) {
				t.Fatalf("decision %d is marked: %t", i, d.IsSuperseded)
			}
		}
		for _, status := range written {
			if status.RecordedAt.IsZero() || status.ID() == (models.ID{}) {
				t.Fatalf("%+v", status)
			}
		}
	}
	if entries := h.count(t, "audit_entry WHERE action = 'addKycStatus' AND outcome = 'DONE' AND customer_id = $1", customer.UUID); entries != 2*rounds {
		t.Errorf("%d entries in the audit trail", entries)
	}
}

func TestADecisionIsTheNewestAlsoWhenTheClockWasPutBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, customer := h.as(t, "demo-admin"), h.customer(t, "5987953")
	later := time.Now().Add(48 * time.Hour)
	if _, err := h.store.Pool().Exec(t.Context(), `INSERT INTO kyc_status (kyc_status_id, bank_id, customer_id, is_ok, decided_at, recorded_at)
		VALUES ($1, $2, $3, true, $4, $4)`, newUUID(t), firstBank, customer.UUID, later); err != nil {
		t.Fatal(err)
	}
	made, err := h.AddKycStatus(admin, h.decide(customer, false))
	if err != nil || !made.Row.RecordedAt.After(later.Truncate(time.Microsecond)) || h.state(t, customer) != models.KycStateNotOk {
		t.Errorf("%+v, %v, %s", made.Row, err, h.state(t, customer))
	}
}

func TestADecisionMayBeOfThePastButNotOfTheFuture(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, customer := h.as(t, "demo-admin"), h.customer(t, "5987953")
	input := h.decide(customer, false)
	for _, at := range []time.Time{time.Now().Add(30 * time.Second), time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC)} {
		input.DecidedAt = &at
		made, err := h.AddKycStatus(admin, input)
		if err != nil || !made.Row.DecidedAt.Equal(at.Truncate(time.Microsecond)) || h.state(t, customer) != models.KycStateNotOk {
			t.Errorf("%s: %+v, %v", at, made.Row, err)
		}
	}
	for _, at := range []time.Time{time.Now().Add(90 * time.Second), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)} {
		input.DecidedAt = &at
		_, err := h.AddKycStatus(admin, input)
		wantRefusal(t, err, models.BadInput, "OBP-10001", "input", "decidedAt")
	}
	start := time.Now().Add(-time.Second)
	made, err := h.AddKycStatus(admin, h.decide(customer, true))
	if err != nil || made.Row.DecidedAt.Before(start) || made.Row.DecidedAt.After(time.Now()) {
		t.Errorf("a decision without a time: %+v, %v", made.Row, err)
	}
	if state := h.state(t, customer); state != models.KycStateOk {
		t.Errorf("the last to be recorded counts, whenever it was decided: %s", state)
	}
}
