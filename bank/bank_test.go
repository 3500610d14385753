package bank_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

func TestMain(m *testing.M) { dbtest.Main(m, auth.RolesByScope) }

// The demo banks.
const (
	firstBank  = "gh.29.uk"
	secondBank = "nl.07.demo"
)

// house is a bank with demo data of its own.
type house struct {
	*bank.Bank
	store *db.Store
}

func newHouse(t *testing.T) house {
	t.Helper()
	store := dbtest.Seeded(t)
	return house{bank.New(store), store}
}

// as is a context in which a user asks, with what they are entitled to now.
func (h house) as(t *testing.T, user string) context.Context {
	t.Helper()
	return auth.WithCaller(t.Context(), h.caller(t, user))
}

func (h house) caller(t *testing.T, user string) *models.Caller {
	t.Helper()
	caller, err := h.store.Caller(t.Context(), models.User{Issuer: dbtest.Issuer, Subject: user, Username: user}, auth.DevelopmentClient)
	if err != nil {
		t.Fatal(err)
	}
	return caller
}

func (h house) id(t *testing.T, user string) models.ID {
	t.Helper()
	return h.caller(t, user).User.ID()
}

// write puts a role into the table as SQL could, past all rules.
func (h house) write(t *testing.T, user, role, bankID string) *models.Entitlement {
	t.Helper()
	entitlement := &models.Entitlement{EntitlementID: newUUID(t), UserID: h.id(t, user).UUID, BankIDOrNone: bankID, Role: role}
	if err := h.store.InsertEntitlement(t.Context(), entitlement); err != nil {
		t.Fatal(err)
	}
	return entitlement
}

// held is how many roles are held in all.
func (h house) held(t *testing.T) int {
	t.Helper()
	all, err := h.store.Entitlements(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, entitlements := range all {
		count += len(entitlements)
	}
	return count
}

func newUUID(t *testing.T) uuid.UUID {
	t.Helper()
	id, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// wantRefusal says that an error has a code, OBP's number, and the fields that are wrong.
func wantRefusal(t *testing.T, err error, code models.Code, obpCode string, fields ...string) *models.Error {
	t.Helper()
	var known *models.Error
	if !errors.As(err, &known) || known.Code != code || known.OBPCode != obpCode || known.Message == "" {
		t.Fatalf("got %T %v, want %s %s: %+v", err, err, code, obpCode, known)
	}
	var wrong []string
	for _, field := range known.Fields {
		wrong = append(wrong, field.Path...)
	}
	if !slices.Equal(wrong, fields) {
		t.Errorf("the wrong fields are %v instead of %v", wrong, fields)
	}
	return known
}

func to[T any](value T) *T { return &value }
