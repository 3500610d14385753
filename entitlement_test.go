package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/db/dbtest"
)

// outcomes asks for all that a payload can be.
const outcomes = `__typename
	... on Rejection { code obpCode message correlationId }
	... on ValidationRejection { fieldErrors { path message } }
	... on NotFoundRejection { resource id }
	... on ForbiddenRejection { missingRoles { role bankId } requiredView }
	... on InvalidStateRejection { currentStatus allowedStatuses }`

const (
	createRole = `mutation ($input: CreateEntitlementInput!) { createEntitlement(input: $input) { ` + outcomes + ` ... on CreateEntitlementSuccess { entitlement { id role bankId } } } }`
	deleteRole = `mutation ($id: ID!) { deleteEntitlement(input: { id: $id }) { __typename
		... on Rejection { code obpCode message correlationId } ... on NotFoundRejection { resource id }
		... on ForbiddenRejection { missingRoles { role bankId } requiredView } ... on DeleteEntitlementSuccess { entitlement { id role bankId } } } }`
)

// payload is what a mutation came to.
type payload struct {
	Typename               string `json:"__typename"`
	Code, OBPCode, Message string
	CorrelationID          string
	Resource, ID           string
	CurrentStatus          string
	AllowedStatuses        []string
	FieldErrors            []struct{ Path []string }
	MissingRoles           []struct {
		Role, BankID string
		Fields       []string
	}
	Entitlement *struct{ ID, Role, BankID string }
}

// mutate does a mutation; what comes of it must be in the payload, and never in the errors.
func (d *door) mutate(t *testing.T, user, query string, variables map[string]any) payload {
	t.Helper()
	answer := d.ask(user, query, variables)
	if len(answer.Errors) > 0 || len(answer.Data) != 1 {
		t.Fatalf("%d %s", answer.status, answer.raw)
	}
	var found payload
	for _, raw := range answer.Data {
		if err := json.Unmarshal(raw, &found); err != nil {
			t.Fatalf("%v in %s", err, raw)
		}
	}
	if strings.HasSuffix(found.Typename, "Rejection") && (found.Message == "" || !correlationForm.MatchString(found.CorrelationID)) {
		t.Errorf("%s", answer.raw)
	}
	return found
}

// userID is the identifier of a demo user.
func (d *door) userID(t *testing.T, user string) string {
	t.Helper()
	return d.ask(user, `{ viewer { user { id } } }`, nil).find(t, "viewer", "user", "id").(string)
}

func roleInput(user, role string, bank any) map[string]any {
	return map[string]any{"input": map[string]any{"userId": user, "role": role, "bankId": bank}}
}

func TestEveryRefusalOfARoleIsAPayload(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	stranger := d.userID(t, "demo-stranger")
	if given := d.mutate(t, "demo-admin", createRole, roleInput(stranger, "CanGetCustomer", "gh.29.uk")); given.Typename != "CreateEntitlementSuccess" || given.Entitlement.Role != "CanGetCustomer" {
		t.Fatalf("%+v", given)
	}
	for name, test := range map[string]struct {
		user, id, role string
		bank           any
		want           string // the type, its code, OBP's number
	}{
		"a role that does not exist":        {"demo-admin", stranger, "CanFly", "gh.29.uk", "ValidationRejection VALIDATION OBP-10001"},
		"A05 a role in another letter case": {"demo-admin", stranger, "canGetCustomer", otherBank, "ValidationRejection VALIDATION OBP-10001"},
		"no bank":                           {"demo-admin", stranger, "CanGetCustomer", nil, "ValidationRejection VALIDATION OBP-30205"},
		"a bank too many":                   {"demo-admin", stranger, "CanCreateEntitlementAtAnyBank", "gh.29.uk", "ValidationRejection VALIDATION OBP-30206"},
		"a user that does not exist":        {"demo-admin", "usr_1111111111111112", "CanGetCustomer", "gh.29.uk", "NotFoundRejection NOT_FOUND OBP-20005"},
		"something that is no user":         {"demo-admin", strings.Replace(stranger, "usr_", "acc_", 1), "CanGetCustomer", "gh.29.uk", "ValidationRejection VALIDATION OBP-10001"},
		"a bank that does not exist":        {"demo-admin", stranger, "CanGetCustomer", "no.bank", "NotFoundRejection NOT_FOUND OBP-30001"},
		"held already":                      {"demo-admin", stranger, "CanGetCustomer", "gh.29.uk", "InvalidStateRejection INVALID_STATE OBP-30216"},
		"no right":                          {"demo-stranger", stranger, "CanGetCustomer", otherBank, "ForbiddenRejection FORBIDDEN OBP-20006"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := d.mutate(t, test.user, createRole, roleInput(test.id, test.role, test.bank))
			if kind := fmt.Sprint(got.Typename, " ", got.Code, " ", got.OBPCode); kind != test.want {
				t.Errorf("%s instead of %s: %+v", kind, test.want, got)
			}
			isComplete := map[string]bool{
				"ValidationRejection": len(got.FieldErrors) == 1 && len(got.FieldErrors[0].Path) == 2, "NotFoundRejection": got.Resource != "" && got.ID != "",
				"InvalidStateRejection": got.CurrentStatus == "HELD" && len(got.AllowedStatuses) == 1, "ForbiddenRejection": len(got.MissingRoles) == 2,
			}
			if !isComplete[got.Typename] {
				t.Errorf("%+v", got)
			}
		})
	}
	t.Run("without a login it is no outcome, but an error", func(t *testing.T) {
		t.Parallel()
		answer := d.ask("", createRole, roleInput(stranger, "CanGetCustomer", "gh.29.uk"))
		if !slices.Equal(answer.codes(), []string{"UNAUTHENTICATED"}) || answer.Data["createEntitlement"] != nil {
			t.Errorf("%s", answer.raw)
		}
	})
}

func TestEveryRefusalToTakeARoleIsAPayload(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	d := openDoor(t, store)
	stranger, owner := d.userID(t, "demo-stranger"), d.userID(t, "demo-owner")
	d.mutate(t, "demo-admin", createRole, roleInput(owner, "CanDeleteEntitlementAtOneBank", "gh.29.uk"))
	foreign := d.mutate(t, "demo-admin", createRole, roleInput(stranger, "CanGetCustomer", otherBank)).Entitlement.ID
	for name, test := range map[string]struct{ user, id, want string }{
		"one at another bank":                      {"demo-owner", foreign, "NotFoundRejection NOT_FOUND"},
		"one that does not exist":                  {"demo-owner", "ent_1111111111111112", "NotFoundRejection NOT_FOUND"},
		"one that does not exist, without a right": {"demo-stranger", "ent_1111111111111112", "ForbiddenRejection FORBIDDEN"},
		"their own one, without a right":           {"demo-stranger", foreign, "ForbiddenRejection FORBIDDEN"},
	} {
		if got := d.mutate(t, test.user, deleteRole, map[string]any{"id": test.id}); got.Typename+" "+got.Code != test.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
	// The union has no place for an identifier that is none of an entitlement: that is a mistake in the request.
	answer := d.ask("demo-admin", deleteRole, map[string]any{"id": stranger})
	if !slices.Equal(answer.codes(), []string{"BAD_USER_INPUT"}) {
		t.Errorf("%s", answer.raw)
	}
	if got := d.mutate(t, "demo-admin", deleteRole, map[string]any{"id": foreign}); got.Typename != "DeleteEntitlementSuccess" || got.Entitlement.BankID != otherBank {
		t.Errorf("%+v", got)
	}
	if got := d.mutate(t, "demo-admin", deleteRole, map[string]any{"id": foreign}); got.Typename != "NotFoundRejection" {
		t.Errorf("%+v", got)
	}
}

const someCustomers = `{ customers(bankId: "gh.29.uk", first: 1) { nodes { id } } }`

func TestA05ARoleCountsFromTheNextOperationOnAndNoLongerThanItIsHeld(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	stranger := d.userID(t, "demo-stranger")
	may := func() bool {
		t.Helper()
		answer := d.ask("demo-stranger", someCustomers, nil)
		if codes := answer.codes(); len(codes) > 0 && codes[0] != "FORBIDDEN" {
			t.Fatalf("%s", answer.raw)
		}
		return len(answer.Errors) == 0
	}
	for range 3 {
		if may() {
			t.Fatal("the role counts before it is given")
		}
		given := d.mutate(t, "demo-admin", createRole, roleInput(stranger, "CanGetCustomer", "gh.29.uk"))
		if !may() {
			t.Fatal("the role does not count when it is given")
		}
		if answer := d.ask("demo-stranger", strings.Replace(someCustomers, "gh.29.uk", otherBank, 1), nil); !slices.Equal(answer.codes(), []string{"FORBIDDEN"}) {
			t.Fatalf("the role counts at the other bank: %s", answer.raw)
		}
		d.mutate(t, "demo-admin", deleteRole, map[string]any{"id": given.Entitlement.ID})
	}
	if may() {
		t.Error("the role counts when it was taken")
	}
}

// TestA05RolesInTheTableThatAreNone puts rows into the table that no verb would write.
func TestA05RolesInTheTableThatAreNone(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	d := openDoor(t, store)
	for _, row := range []struct{ role, bank string }{
		{"cangetcustomer", "gh.29.uk"},
		{"CANGETCUSTOMER", "gh.29.uk"},
		{"CanGetCustomer ", "gh.29.uk"},
		{"CanGetCustomer", "GH.29.UK"},
		{"CanGetCustomer", ""},
		{"CanUseCustomerFirehoseAtAnyBank", "gh.29.uk"},
		{"%", "gh.29.uk"},
		{"*", ""},
		{"CanGetCustomer", "gh.29.uk "},
	} {
		id, err := uuid.NewV7()
		if err != nil {
			t.Fatal(err)
		}
		d.userID(t, "demo-stranger")
		if _, err := store.Pool().Exec(t.Context(), `INSERT INTO entitlement (entitlement_id, user_id, bank_id, role)
			SELECT $1, user_id, $2, $3 FROM app_user WHERE username = 'demo-stranger'`, id, row.bank, row.role); err != nil {
			t.Fatal(err)
		}
		if answer := d.ask("demo-stranger", someCustomers, nil); !slices.Equal(answer.codes(), []string{"FORBIDDEN"}) {
			t.Errorf("%q at %q counts: %s", row.role, row.bank, answer.raw)
		}
	}
}

// TestA05ARightThatIsTakenInTheMiddleOfARequest takes a right away that the caller uses in the middle of a request: who
// asks was read at its start, so that the rest of the request goes on, and the next request does not.
func TestA05ARightThatIsTakenInTheMiddleOfARequest(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	d := openDoor(t, store)
	owner := d.userID(t, "demo-owner")
	right := d.mutate(t, "demo-admin", createRole, roleInput(owner, auth.CanDeleteEntitlementAtOneBank, "gh.29.uk")).Entitlement.ID
	answer := d.ask("demo-owner", `mutation ($id: ID!) {
		first: deleteEntitlement(input: { id: $id }) { __typename }
		second: deleteEntitlement(input: { id: $id }) { __typename } }`, map[string]any{"id": right})
	if len(answer.Errors) > 0 || answer.find(t, "first", "__typename") != "DeleteEntitlementSuccess" || answer.find(t, "second", "__typename") != "NotFoundRejection" {
		t.Errorf("%s", answer.raw)
	}
	if got := d.mutate(t, "demo-owner", deleteRole, map[string]any{"id": right}); got.Typename != "ForbiddenRejection" {
		t.Errorf("the right counts on: %+v", got)
	}
}
