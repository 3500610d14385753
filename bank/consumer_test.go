package bank_test

import (
	"testing"

	"bankgraph/auth"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

func TestAnApplicationIsSwitchedOffAndOn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin := h.as(t, "demo-admin")
	input := models.ConsumerInput{Issuer: dbtest.Issuer, ClientID: auth.DevelopmentClient}
	off, err := h.DisableConsumer(admin, input)
	if err != nil || off.IsEnabled || h.caller(t, "demo-stranger").IsEnabled {
		t.Fatalf("%+v %v", off, err)
	}
	_, err = h.DisableConsumer(admin, input)
	if refusal := wantRefusal(t, err, models.InvalidState, ""); refusal.Status != "DISABLED" || len(refusal.Allowed) != 1 || refusal.Allowed[0] != "ENABLED" {
		t.Errorf("%+v", refusal)
	}
	if on, err := h.EnableConsumer(admin, input); err != nil || !on.IsEnabled || !h.caller(t, "demo-stranger").IsEnabled {
		t.Fatalf("%+v %v", on, err)
	}
	var entries int
	if err := h.store.Pool().QueryRow(t.Context(), `SELECT count(*) FROM audit_entry WHERE bank_id = '' AND outcome = 'DONE'
		AND action IN ('enableConsumer', 'disableConsumer') AND object_id = $1`, input.Issuer+" "+input.ClientID).Scan(&entries); err != nil || entries != 2 {
		t.Errorf("%d audit entries: %v", entries, err)
	}
	// false is a value as true is: the trail tells of both.
	told := h.count(t, `audit_entry WHERE object_id = $1 AND (action = 'disableConsumer' AND old_values ->> 'isEnabled' = 'true' AND new_values ->> 'isEnabled' = 'false'
		OR action = 'enableConsumer' AND old_values ->> 'isEnabled' = 'false' AND new_values ->> 'isEnabled' = 'true')`, input.Issuer+" "+input.ClientID)
	if told != 2 {
		t.Errorf("%d entries tell what became of it", told)
	}
}

func TestWhoMaySwitchApplications(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(t, "demo-owner", auth.CanDisableConsumers, "")
	h.write(t, "demo-approver", auth.CanDisableConsumers, firstBank) // held where it cannot be
	input := models.ConsumerInput{Issuer: dbtest.Issuer, ClientID: auth.DevelopmentClient}
	for _, user := range []string{"demo-stranger", "demo-officer", "demo-approver"} {
		_, err := h.DisableConsumer(h.as(t, user), input)
		wantRefusal(t, err, models.Forbidden, "OBP-20006")
	}
	_, err := h.DisableConsumer(t.Context(), input)
	wantRefusal(t, err, models.Unauthenticated, "OBP-20001")
	_, err = h.EnableConsumer(h.as(t, "demo-owner"), input) // to switch off is not to switch on
	wantRefusal(t, err, models.Forbidden, "OBP-20006")
	for _, other := range []models.ConsumerInput{{Issuer: "https://other.example", ClientID: input.ClientID}, {Issuer: input.Issuer, ClientID: "nobody"}, {}} {
		_, err := h.DisableConsumer(h.as(t, "demo-owner"), other)
		wantRefusal(t, err, models.NotFound, "")
	}
	if !h.caller(t, "demo-stranger").IsEnabled {
		t.Error("it was switched off")
	}
	if _, err := h.SwitchConsumer(t.Context(), auth.Everybody, input, false); err != nil { // an operator
		t.Error(err)
	}
}
