package bank_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"bankgraph/auth"
	"bankgraph/models"
)

func newBank(id string) models.CreateBankInput {
	return models.CreateBankInput{BankID: id, ShortName: "Fjord", FullName: "Fjord Demonstration Bank ASA"}
}

func TestABankIsMadeAndNobodyHoldsARoleThere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, id := range []string{"no.11.fjord", "a", "A-b_c.9", strings.Repeat("z", 254)} {
		made, err := h.CreateBank(h.as(t, "demo-admin"), newBank(id))
		if err != nil || made.Version != 1 || made.CreatedAt.IsZero() {
			t.Fatalf("%+v %v", made, err)
		}
		if found, err := h.store.Bank(t.Context(), id); err != nil || found == nil || found.BankUUID != made.BankUUID {
			t.Errorf("%+v %v", found, err)
		}
	}
	// Who made it has no more than before: another role gives roles there.
	_, err := h.UpdateBank(h.as(t, "demo-admin"), models.UpdateBankInput{BankID: "a", Version: &models.SeenVersion{Number: to(1)}, ShortName: graphql.OmittableOf(to("B"))})
	wantRefusal(t, err, models.Forbidden, "OBP-20006")
	if _, err := h.AddBank(t.Context(), newBank("by.operator")); err != nil {
		t.Error(err)
	}
}

func TestABankThatCannotBe(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	before, err := h.store.BankIDs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, id := range map[string]string{
		"one that exists": firstBank, "no identifier": "", "S05 a way up": "../../x", "S05 too long": strings.Repeat("z", 255), "S05 an escape": "%2e",
		"S05 a letter that looks alike": "gh.29.u\u043a", "S05 a blank behind": "gh.29.uk ", "S05 a line break behind": "gh.29.uk\n", "S05 a blank in it": "gh 29", "S01 an accent": "bänk",
	} {
		_, err := h.CreateBank(h.as(t, "demo-admin"), newBank(id))
		if err == nil {
			t.Errorf("%s was made", name)
			continue
		}
		wantRefusal(t, err, models.BadInput, "OBP-10001", "input", "bankId")
	}
	input := newBank("x")
	input.ShortName, input.FullName = "two\nlines", ""
	_, err = h.CreateBank(h.as(t, "demo-admin"), input)
	wantRefusal(t, err, models.BadInput, "OBP-10001", "input", "shortName", "input", "fullName")
	h.write(t, "demo-owner", auth.CanCreateBank, firstBank) // held where it cannot be
	for _, user := range []string{"demo-officer", "demo-owner", "demo-stranger"} {
		_, err := h.CreateBank(h.as(t, user), newBank("x"))
		wantRefusal(t, err, models.Forbidden, "OBP-20006")
	}
	_, err = h.CreateBank(t.Context(), newBank("x"))
	wantRefusal(t, err, models.Unauthenticated, "OBP-20001")
	if after, err := h.store.BankIDs(t.Context()); err != nil || len(after) != len(before) {
		t.Errorf("%v %v", after, err)
	}
}

func TestABankIsChanged(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	change := func(user, bankID string, version *models.SeenVersion, set func(*models.UpdateBankInput)) (*models.Bank, error) {
		input := models.UpdateBankInput{BankID: bankID, Version: version}
		set(&input)
		return h.UpdateBank(h.as(t, user), input)
	}
	rename := func(in *models.UpdateBankInput) { in.ShortName = graphql.OmittableOf(to("Renamed")) }
	first := &models.SeenVersion{Number: to(1)}
	changed, err := change("demo-admin", firstBank, first, func(in *models.UpdateBankInput) {
		in.ShortName, in.LogoURL = graphql.OmittableOf(to("Green")), graphql.OmittableOf[*string](nil)
	})
	if err != nil || changed.ShortName != "Green" || changed.LogoURL != nil || changed.WebsiteURL == nil || changed.Version != 2 {
		t.Fatalf("%+v %v", changed, err)
	}
	_, err = change("demo-admin", firstBank, first, rename)
	if conflict := wantRefusal(t, err, models.VersionConflict, ""); conflict.Version != 2 || conflict.Current == nil {
		t.Errorf("%+v", conflict)
	}
	if _, err := change("demo-admin", firstBank, &models.SeenVersion{Any: to(true)}, rename); err != nil {
		t.Error(err)
	}
	_, err = change("demo-admin", secondBank, first, func(*models.UpdateBankInput) {})
	wantRefusal(t, err, models.BadInput, "OBP-10001", "input")
	_, err = change("demo-admin", secondBank, first, func(in *models.UpdateBankInput) { in.FullName = graphql.OmittableOf[*string](nil) })
	wantRefusal(t, err, models.BadInput, "OBP-10001", "input", "fullName")
	h.write(t, "demo-owner", auth.CanUpdateBank, secondBank)
	h.write(t, "demo-owner", auth.CanUpdateBank, "no.bank")
	_, err = change("demo-owner", firstBank, first, rename)
	wantRefusal(t, err, models.Forbidden, "OBP-20006") // A05: the role at one bank is none at another
	_, err = change("demo-owner", "no.bank", first, rename)
	wantRefusal(t, err, models.NotFound, "OBP-30001")
	if _, err := change("demo-owner", secondBank, first, rename); err != nil {
		t.Error(err)
	}
}

func TestOfManyChangesOfOneVersionOneIsMade(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := h.as(t, "demo-admin")
	var group sync.WaitGroup
	var done atomic.Int64
	for range 8 {
		group.Go(func() {
			_, err := h.UpdateBank(ctx, models.UpdateBankInput{BankID: firstBank, Version: &models.SeenVersion{Number: to(1)}, ShortName: graphql.OmittableOf(to("Green"))})
			if err == nil {
				done.Add(1)
			} else if models.CodeOf(err) != models.VersionConflict {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if done.Load() != 1 {
		t.Errorf("it was changed %d times", done.Load())
	}
}
