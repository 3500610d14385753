package bank_test

import (
	"slices"
	"strings"
	"testing"

	"bankgraph/auth"
	"bankgraph/models"
)

func TestUsersAreForThoseWhoMaySeeThem(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin := h.as(t, "demo-admin")
	h.write(t, "demo-owner", auth.CanGetAnyUser, firstBank) // held where it cannot be
	for _, user := range []string{"demo-officer", "demo-owner", "demo-stranger"} {
		_, err := h.Users(h.as(t, user), nil, models.PageArguments{})
		wantRefusal(t, err, models.Forbidden, "OBP-20006")
	}
	_, err := h.Users(t.Context(), nil, models.PageArguments{})
	wantRefusal(t, err, models.Unauthenticated, "OBP-20001")
	_, err = h.Users(admin, nil, models.PageArguments{First: to(101)})
	wantRefusal(t, err, models.BadInput, "OBP-10012")
	_, err = h.Users(admin, &models.UserFilter{Email: &models.StringFilter{In: make([]string, 101)}}, models.PageArguments{})
	wantRefusal(t, err, models.BadInput, "OBP-10001")

	for name, test := range map[string]struct {
		filter models.UserFilter
		want   []string
	}{
		"a name":                       {models.UserFilter{Username: &models.StringFilter{Eq: to("demo-owner")}}, []string{"demo-owner"}},
		"a name in another case":       {models.UserFilter{Username: &models.StringFilter{Eq: to("DEMO-owner")}}, nil},
		"the beginning of a name":      {models.UserFilter{Username: &models.StringFilter{StartsWith: to("demo-o")}}, []string{"demo-officer", "demo-owner"}},
		"a pattern is no pattern":      {models.UserFilter{Username: &models.StringFilter{StartsWith: to("%")}}, nil},
		"an address":                   {models.UserFilter{Email: &models.StringFilter{Eq: to("demo-admin@example.com")}}, []string{"demo-admin"}},
		"a name and another's address": {models.UserFilter{Username: &models.StringFilter{Eq: to("demo-owner")}, Email: &models.StringFilter{Eq: to("demo-admin@example.com")}}, nil},
		"one of no names":              {models.UserFilter{Username: &models.StringFilter{In: []string{}}}, nil},
	} {
		page, err := h.Users(admin, &test.filter, models.PageArguments{})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, user := range page.Nodes() {
			names = append(names, user.Username)
		}
		slices.Sort(names)
		count, err := page.TotalCount(admin)
		if err != nil || count != len(names) || !slices.Equal(names, test.want) {
			t.Errorf("%s: %v, %d in all, %v", name, names, count, err)
		}
	}
}

func TestAllUsersComeInPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin := h.as(t, "demo-admin")
	all, err := h.store.Users(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	arguments := models.PageArguments{First: to(7)}
	for {
		page, err := h.Users(admin, nil, arguments)
		if err != nil {
			t.Fatal(err)
		}
		for i, user := range page.Nodes() {
			if seen[user.UserID.String()] || i > 0 && user.CreatedAt.After(page.Nodes()[i-1].CreatedAt) {
				t.Errorf("%s comes twice, or out of order", user.Username)
			}
			seen[user.UserID.String()] = true
		}
		if !page.PageInfo.HasNextPage {
			break
		}
		arguments.After = page.PageInfo.EndCursor
	}
	if len(seen) != len(all) || len(all) < 20 {
		t.Errorf("%d of %d", len(seen), len(all))
	}
	// A cursor is good for its own filter only.
	_, err = h.Users(admin, &models.UserFilter{Username: &models.StringFilter{Eq: to("x")}}, arguments)
	wantRefusal(t, err, models.BadInput, "OBP-10001")
}

func TestEntitlementsAtABankAreThoseOfTheBank(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(t, "demo-owner", auth.CanGetEntitlementsForAnyUserAtOneBank, secondBank)
	newest := h.write(t, "demo-stranger", auth.CanGetCustomer, secondBank)
	h.write(t, "demo-stranger", auth.CanGetAnyKycMedia, "")
	page, err := h.Entitlements(h.as(t, "demo-owner"), secondBank, models.PageArguments{First: to(100)})
	if err != nil {
		t.Fatal(err)
	}
	nodes := page.Nodes()
	if len(nodes) < 10 || nodes[0].EntitlementID != newest.EntitlementID || slices.ContainsFunc(nodes, func(e *models.Entitlement) bool { return e.BankIDOrNone != secondBank }) {
		t.Errorf("%d entitlements, the first %+v", len(nodes), nodes[0])
	}
	count, err := page.TotalCount(t.Context())
	if err != nil || count != len(nodes) { // A07: the count tells nothing of other banks
		t.Errorf("%d are counted, and %d listed: %v", count, len(nodes), err)
	}
	for user, bank := range map[string]string{"demo-owner": firstBank, "demo-officer": firstBank, "demo-stranger": secondBank} {
		_, err := h.Entitlements(h.as(t, user), bank, models.PageArguments{})
		wantRefusal(t, err, models.Forbidden, "OBP-20006")
	}
	// A05: at no bank, which is where system-wide roles stand, only those see who may everywhere.
	_, err = h.Entitlements(h.as(t, "demo-owner"), "", models.PageArguments{})
	wantRefusal(t, err, models.Forbidden, "OBP-20006")
	everywhere, err := h.Entitlements(h.as(t, "demo-admin"), "", models.PageArguments{First: to(100)})
	if err != nil || !slices.ContainsFunc(everywhere.Nodes(), func(e *models.Entitlement) bool { return strings.HasSuffix(e.Role, "AtAnyBank") }) {
		t.Errorf("%v", err)
	}
	_, err = h.Entitlements(h.as(t, "demo-owner"), secondBank, models.PageArguments{After: everywhere.PageInfo.EndCursor})
	wantRefusal(t, err, models.BadInput, "OBP-10001")
}

// TestThePhoneNumberOfAUserIsMaskedInTheAuditTrail: that it changed is told, and its last digits, not where codes go.
func TestThePhoneNumberOfAUserIsMaskedInTheAuditTrail(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	user := h.id(t, "demo-owner")
	for _, number := range []string{"+447700900123", "+447700900456", ""} {
		if err := h.NotePhone(t.Context(), user.UUID, number); err != nil {
			t.Fatal(err)
		}
	}
	var noted string
	if err := h.store.Pool().QueryRow(t.Context(), "SELECT string_agg(old_values::text || ' ' || new_values::text, '; ' ORDER BY audit_entry_id) FROM audit_entry WHERE action = 'noteUserPhone'").Scan(&noted); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(noted, "7700900") || strings.Count(noted, "phoneNumber") != 4 || !strings.Contains(noted, "0456") {
		t.Errorf("the audit trail has %s", noted)
	}
}
