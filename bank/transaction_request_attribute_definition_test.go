package bank_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"bankgraph/auth"
	"bankgraph/models"
)

// definition is an input that would do.
func definition(name string) models.CreateOrUpdateTransactionRequestAttributeDefinitionInput {
	return models.CreateOrUpdateTransactionRequestAttributeDefinitionInput{BankID: firstBank, Name: name, Type: models.AttributeTypeInteger, IsActive: true}
}

func (h house) definitions(t *testing.T, bankID string) (count int) {
	t.Helper()
	if err := h.store.Pool().QueryRow(t.Context(), "SELECT count(*) FROM transaction_request_attribute_definition WHERE bank_id = $1", bankID).Scan(&count); err != nil {
		t.Fatal(err)
	}
	return count
}

func TestADefinitionIsWrittenAnewByItsName(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin := h.as(t, "demo-admin")
	before := h.definitions(t, firstBank)
	first, err := h.CreateOrUpdateTransactionRequestAttributeDefinition(admin, definition("HOUSE_RENT"))
	if err != nil || !first.IsActive || first.CreatedAt.IsZero() {
		t.Fatalf("%+v %v", first, err)
	}
	again := definition("HOUSE_RENT")
	again.Type, again.CanBeSeenOnViews, again.IsActive = models.AttributeTypeDateWithDay, []string{"owner", "auditor"}, false
	second, err := h.CreateOrUpdateTransactionRequestAttributeDefinition(admin, again)
	if err != nil || second.AttributeDefinitionID != first.AttributeDefinitionID || second.IsActive || len(second.CanBeSeenOnViews) != 2 || !second.CreatedAt.Equal(first.CreatedAt) {
		t.Fatalf("%+v %v", second, err)
	}
	if after := h.definitions(t, firstBank); after != before+1 {
		t.Errorf("%d more", after-before)
	}
	var changed string
	if err := h.store.Pool().QueryRow(t.Context(), `SELECT (SELECT string_agg(key, ' ' ORDER BY key) FROM jsonb_object_keys(old_values) AS key) FROM audit_entry
		WHERE object_id = $1 AND old_values <> '{}'`, second.ID().String()).Scan(&changed); err != nil || changed != "canBeSeenOnViews isActive type" {
		t.Errorf("the audit trail says that %s changed: %v", changed, err)
	}
	if third, err := h.CreateOrUpdateTransactionRequestAttributeDefinition(admin, definition("house_rent")); err != nil || third.AttributeDefinitionID == first.AttributeDefinitionID {
		t.Errorf("a name in small letters is taken for the other: %v", err)
	}
}

func TestDefinitionsThatAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	before := h.definitions(t, firstBank)
	for name, c := range map[string]struct {
		change func(*models.CreateOrUpdateTransactionRequestAttributeDefinitionInput)
		fields string
	}{
		"no name": {func(in *models.CreateOrUpdateTransactionRequestAttributeDefinitionInput) { in.Name = "" }, "input.name"},
		"a name too long": {func(in *models.CreateOrUpdateTransactionRequestAttributeDefinitionInput) {
			in.Name = strings.Repeat("A", 65)
		}, "input.name"},
		"S01 a name with a blank behind": {func(in *models.CreateOrUpdateTransactionRequestAttributeDefinitionInput) { in.Name = "RENT " }, "input.name"},
		"S01 a name that looks like one": {func(in *models.CreateOrUpdateTransactionRequestAttributeDefinitionInput) { in.Name = "INVO\u0406CE" }, "input.name"},
		"too long a description": {func(in *models.CreateOrUpdateTransactionRequestAttributeDefinitionInput) {
			in.Description = to(strings.Repeat("a", 2001))
		}, "input.description"},
		"an alias of two lines": {func(in *models.CreateOrUpdateTransactionRequestAttributeDefinitionInput) { in.Alias = to("a\nb") }, "input.alias"},
		"a view that there is not": {func(in *models.CreateOrUpdateTransactionRequestAttributeDefinitionInput) {
			in.CanBeSeenOnViews = []string{"owner", "Owner"}
		}, "input.canBeSeenOnViews.1"},
		"a view twice": {func(in *models.CreateOrUpdateTransactionRequestAttributeDefinitionInput) {
			in.CanBeSeenOnViews = []string{"owner", "owner"}
		}, "input.canBeSeenOnViews.1"},
		"more views than there can be": {func(in *models.CreateOrUpdateTransactionRequestAttributeDefinitionInput) {
			in.CanBeSeenOnViews = make([]string, 21)
		}, "input.canBeSeenOnViews"},
		"more than one thing that is wrong": {func(in *models.CreateOrUpdateTransactionRequestAttributeDefinitionInput) {
			in.Name, in.Alias = "", to("")
		}, "input.name input.alias"},
	} {
		t.Run(name, func(t *testing.T) {
			input := definition("HOUSE_RENT")
			c.change(&input)
			_, err := h.CreateOrUpdateTransactionRequestAttributeDefinition(h.as(t, "demo-admin"), input)
			wantFields(t, err, models.BadInput, "OBP-10001", c.fields)
		})
	}
	if after := h.definitions(t, firstBank); after != before {
		t.Errorf("there are %d instead of %d", after, before)
	}
}

func TestABankHasAHundredDefinitionsAtMost(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin := h.as(t, "demo-admin")
	if _, err := h.store.Pool().Exec(t.Context(), `INSERT INTO transaction_request_attribute_definition (attribute_definition_id, bank_id, name, type, can_be_seen_on_views, is_active)
		SELECT gen_random_uuid(), $1, 'OF_A_TEST_' || n, 'STRING', '{}', true FROM generate_series($2::int, 98) AS n`, firstBank, h.definitions(t, firstBank)); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for i := range 6 {
		group.Go(func() {
			_, err := h.CreateOrUpdateTransactionRequestAttributeDefinition(admin, definition(fmt.Sprintf("ANOTHER_%d", i)))
			if err != nil && models.CodeOf(err) != models.Policy {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if count := h.definitions(t, firstBank); count != 100 {
		t.Errorf("there are %d", count)
	}
	if _, err := h.CreateOrUpdateTransactionRequestAttributeDefinition(admin, definition("OF_A_TEST_50")); err != nil {
		t.Errorf("one that is there cannot be written anew: %v", err)
	}
}

func TestDeleteTransactionRequestAttributeDefinition(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin := h.as(t, "demo-admin")
	made, err := h.CreateOrUpdateTransactionRequestAttributeDefinition(admin, definition("HOUSE_RENT"))
	if err != nil {
		t.Fatal(err)
	}
	input := models.DeleteTransactionRequestAttributeDefinitionInput{BankID: secondBank, ID: made.ID()}
	wantRefusal(t, h.DeleteTransactionRequestAttributeDefinition(admin, input), models.NotFound, "OBP-30071") // A02: right by role, wrong by bank
	input.BankID = firstBank
	h.write(t, "demo-approver", auth.CanDeleteTransactionRequestAttributeDefinitionAtOneBank, secondBank)
	for _, user := range []string{"demo-stranger", "demo-officer", "demo-owner", "demo-approver"} {
		wantRefusal(t, h.DeleteTransactionRequestAttributeDefinition(h.as(t, user), input), models.Forbidden, "OBP-20006")
		_, err := h.CreateOrUpdateTransactionRequestAttributeDefinition(h.as(t, user), definition("HOUSE_RENT"))
		wantRefusal(t, err, models.Forbidden, "OBP-20006")
	}
	if err := h.DeleteTransactionRequestAttributeDefinition(admin, input); err != nil {
		t.Error(err)
	}
	wantRefusal(t, h.DeleteTransactionRequestAttributeDefinition(admin, input), models.NotFound, "OBP-30071")
	input.ID.Kind = models.KindBank
	wantFields(t, h.DeleteTransactionRequestAttributeDefinition(admin, input), models.BadInput, "OBP-10001", "input.id")
}
