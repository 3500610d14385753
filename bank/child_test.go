package bank_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bankgraph/models"
)

// customer is the example of a bank's customers.
func (h house) customer(t *testing.T, number string) models.ID {
	t.Helper()
	customer, err := h.store.CustomerByNumber(t.Context(), firstBank, number)
	if err != nil || customer == nil {
		t.Fatal(customer, err)
	}
	return customer.ID()
}

// count is how many rows a statement finds.
func (h house) count(t *testing.T, sql string, arguments ...any) int {
	t.Helper()
	var count int
	if err := h.store.Pool().QueryRow(t.Context(), "SELECT count(*) FROM "+sql, arguments...).Scan(&count); err != nil {
		t.Fatal(err)
	}
	return count
}

// atOnce runs do many times at once, and gives how many were done; the others must have failed as said.
func atOnce(t *testing.T, otherwise models.Code, callers int, do func(i int) error) int {
	t.Helper()
	var done atomic.Int64
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() {
			err := do(i)
			if err == nil {
				done.Add(1)
			} else if models.CodeOf(err) != otherwise {
				t.Errorf("%v instead of %s", err, otherwise)
			}
		})
	}
	group.Wait()
	return int(done.Load())
}

// adds are the ways to add a row that is in a plain list, by table; i tells rows apart.
func (h house) adds(t *testing.T, customer models.ID) map[string]func(ctx context.Context, i int) error {
	t.Helper()
	return map[string]func(ctx context.Context, i int) error{
		"customer_address": func(ctx context.Context, i int) error {
			_, err := h.CreateCustomerAddress(ctx, models.CreateCustomerAddressInput{BankID: firstBank, CustomerID: customer, Line1: fmt.Sprint(i), City: "Leeds", CountryCode: "GB"})
			return err
		},
		"tax_residence": func(ctx context.Context, i int) error {
			_, err := h.CreateTaxResidence(ctx, models.CreateTaxResidenceInput{BankID: firstBank, CustomerID: customer, Domain: "Portugal", TaxNumber: fmt.Sprint(i)})
			return err
		},
		"social_media_handle": func(ctx context.Context, i int) error {
			_, err := h.AddSocialMediaHandle(ctx, models.AddSocialMediaHandleInput{BankID: firstBank, CustomerID: customer, Type: "peertube", Handle: fmt.Sprint(i)})
			return err
		},
		"customer_attribute": func(ctx context.Context, i int) error {
			_, err := h.CreateCustomerAttribute(ctx, models.CreateCustomerAttributeInput{BankID: firstBank, CustomerID: customer, Name: "N", Type: models.AttributeTypeInteger, Value: fmt.Sprint(i)})
			return err
		},
	}
}

func TestACustomerHasAtMostFiftyOfANounHoweverManyTryAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, customer := h.as(t, "demo-admin"), h.customer(t, "5987953")
	for table, add := range h.adds(t, customer) {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			where := table + " WHERE customer_id = $1"
			for i := h.count(t, where, customer.UUID); i < 48; i++ {
				if err := add(admin, 1000+i); err != nil {
					t.Fatal(err)
				}
			}
			if done := atOnce(t, models.Policy, 6, func(i int) error { return add(admin, i) }); done != 2 {
				t.Errorf("%d of 6 were added where 2 had room", done)
			}
			if found := h.count(t, where, customer.UUID); found != 50 {
				t.Errorf("there are %d", found)
			}
			wantRefusal(t, add(admin, 99), models.Policy, "")
		})
	}
}

func TestAnythingMayHappenToACustomerAnyNumberOfTimes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, customer := h.as(t, "demo-admin"), h.customer(t, "5987953")
	before := h.count(t, "crm_event WHERE customer_id = $1", customer.UUID)
	for range 55 {
		input := models.CreateCrmEventInput{BankID: firstBank, CustomerID: customer, Category: "Call", Detail: "d", Channel: "PHONE", HappenedAt: to(time.Now()), Result: to("Agreed")}
		if _, err := h.CreateCrmEvent(admin, input); err != nil {
			t.Fatal(err)
		}
	}
	if after := h.count(t, "crm_event WHERE customer_id = $1", customer.UUID); after != before+55 {
		t.Errorf("%d events became %d", before, after)
	}
}

// TestAllThatIsWrongIsSaidAtOnce writes what is just too long, and what is just short enough.
func TestAllThatIsWrongIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, customer := h.as(t, "demo-admin"), h.customer(t, "5987953")
	long := func(n, over int) string { return strings.Repeat("é", n+over) } // characters count, not bytes
	for name, test := range map[string]struct {
		try    func(over int) error
		fields string
	}{
		"an address": {func(over int) error {
			tags := slices.Repeat([]string{long(64, over)}, 20+over)
			_, err := h.CreateCustomerAddress(admin, models.CreateCustomerAddressInput{
				BankID: firstBank, CustomerID: customer, Line1: long(255, over), Line2: to(long(255, over)), Line3: to(long(255, over)), City: long(255, over),
				County: to(long(255, over)), State: to(long(255, over)), Postcode: to(long(20, over)), CountryCode: "GB", Tags: tags[:20], Status: to(long(32, over)),
			})
			return err
		}, "line1 line2 line3 city county state postcode status " + strings.Join(tagPaths(20), " ")},
		"a tax residence": {func(over int) error {
			_, err := h.CreateTaxResidence(admin, models.CreateTaxResidenceInput{BankID: firstBank, CustomerID: customer, Domain: long(255, over), TaxNumber: long(64, over)})
			return err
		}, "domain taxNumber"},
		"a handle": {func(over int) error {
			_, err := h.AddSocialMediaHandle(admin, models.AddSocialMediaHandleInput{BankID: firstBank, CustomerID: customer, Type: long(64, over), Handle: long(255, over)})
			return err
		}, "type handle"},
		"an attribute": {func(over int) error {
			_, err := h.CreateCustomerAttribute(admin, models.CreateCustomerAttributeInput{
				BankID: firstBank, CustomerID: customer, Name: long(64, over), Type: models.AttributeTypeString, Value: long(2000, over),
			})
			return err
		}, "name value"},
		"an event": {func(over int) error {
			_, err := h.CreateCrmEvent(admin, models.CreateCrmEventInput{
				BankID: firstBank, CustomerID: customer, Category: long(32, over), Detail: long(1024, over), Channel: long(32, over), Result: to(long(64, over)),
			})
			return err
		}, "category detail channel result"},
		"a check": {func(over int) error {
			in := aCheck(customer, nil)
			in.CheckedAt, in.How, in.StaffUserID, in.StaffName, in.Comments = soon(over), long(32, over), long(64, over), long(64, over), long(2000, over)
			_, err := h.AddKycCheck(admin, in)
			return err
		}, "checkedAt how staffUserId staffName comments"},
		"a medium": {func(over int) error {
			in := aMedium(customer, nil)
			in.TakenAt, in.Type, in.URL = soon(over), long(50, over), "https://media.example.com/"+long(255-len("https://media.example.com/"), over)
			_, err := h.AddKycMedia(admin, in)
			return err
		}, "type url takenAt"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := test.try(0); err != nil {
				t.Errorf("what is short enough is refused: %v", err)
			}
			var refusal *models.Error
			if err := test.try(1); !errors.As(err, &refusal) || refusal.Code != models.BadInput {
				t.Fatal(err)
			}
			var wrong []string
			for _, field := range refusal.Fields {
				wrong = append(wrong, strings.TrimPrefix(strings.Join(field.Path, "."), "input."))
			}
			if got := strings.Join(wrong, " "); got != test.fields {
				t.Errorf("the wrong fields are %s instead of %s", got, test.fields)
			}
		})
	}
}

func TestTooManyTagsAndNothingWhereSomethingMustBe(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, customer := h.as(t, "demo-admin"), h.customer(t, "5987953")
	t.Run("21 tags", func(t *testing.T) {
		_, err := h.CreateCustomerAddress(admin, models.CreateCustomerAddressInput{
			BankID: firstBank, CustomerID: customer, Line1: "1", City: "c", CountryCode: "GB", Tags: slices.Repeat([]string{"x"}, 21),
		})
		wantRefusal(t, err, models.BadInput, "OBP-10001", "input", "tags")
	})
	t.Run("nothing where something must be", func(t *testing.T) {
		_, err := h.CreateTaxResidence(admin, models.CreateTaxResidenceInput{BankID: firstBank, CustomerID: customer})
		wantRefusal(t, err, models.BadInput, "OBP-10001", "input", "domain", "input", "taxNumber")
	})
}

// soon is an instant that clocks may differ by, and one that is more.
func soon(over int) time.Time {
	return time.Now().Add(30*time.Second + time.Duration(over)*time.Minute)
}

func tagPaths(n int) []string {
	var paths []string
	for i := range n {
		paths = append(paths, fmt.Sprintf("tags.%d", i))
	}
	return paths
}

func TestATaxNumberIsThereOnceADomainAndCustomer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, customer, other := h.as(t, "demo-admin"), h.customer(t, "5987953"), h.others(t)[0]
	create := func(of models.ID, domain string) (*models.TaxResidence, error) {
		written, err := h.CreateTaxResidence(admin, models.CreateTaxResidenceInput{BankID: firstBank, CustomerID: of, Domain: domain, TaxNumber: "123"})
		return written.Row, err
	}
	if done := atOnce(t, models.BadInput, 6, func(int) error { _, err := create(customer, "Portugal"); return err }); done != 1 {
		t.Errorf("%d were added", done)
	}
	_, err := create(customer, "Portugal")
	wantRefusal(t, err, models.BadInput, "OBP-10001", "input", "taxNumber")
	if _, err := create(other, "Portugal"); err != nil {
		t.Errorf("another customer: %v", err)
	}
	made, err := create(customer, "Brazil")
	if err != nil {
		t.Fatalf("another domain: %v", err)
	}
	remove := models.DeleteTaxResidenceInput{BankID: firstBank, CustomerID: customer, ID: made.ID()}
	if _, err := h.DeleteTaxResidence(admin, remove); err != nil {
		t.Fatal(err)
	}
	_, err = h.DeleteTaxResidence(admin, remove)
	wantRefusal(t, err, models.NotFound, "OBP-30300")
	if _, err := create(customer, "Brazil"); err != nil {
		t.Errorf("what is gone cannot come back: %v", err)
	}
}

// others are customers of the first bank, without the example.
func (h house) others(t *testing.T) []models.ID {
	t.Helper()
	rows, err := h.store.Pool().Query(t.Context(), "SELECT customer_number FROM customer WHERE bank_id = $1 AND customer_number <> '5987953' ORDER BY created_at LIMIT 3", firstBank)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var numbers []string
	for rows.Next() {
		var number string
		if err := rows.Scan(&number); err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, number)
	}
	var ids []models.ID
	for _, number := range numbers {
		ids = append(ids, h.customer(t, number))
	}
	return ids
}

func TestAHandleIsLearntOfNowWhenNobodySaysWhen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, customer := h.as(t, "demo-admin"), h.customer(t, "5987953")
	input := models.AddSocialMediaHandleInput{BankID: firstBank, CustomerID: customer, Type: "peertube", Handle: "@someone"}
	start := time.Now().Add(-time.Second)
	now, err := h.AddSocialMediaHandle(admin, input)
	if err != nil || now.Row.AddedAt.Before(start) || now.Row.AddedAt.After(time.Now().Add(time.Second)) || now.Row.ActivatedAt != nil {
		t.Errorf("%+v, %v", now.Row, err)
	}
	input.AddedAt, input.ActivatedAt = to(time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)), to(time.Date(2019, 1, 2, 3, 4, 5, 0, time.UTC))
	then, err := h.AddSocialMediaHandle(admin, input)
	if err != nil || !then.Row.AddedAt.Equal(*input.AddedAt) || !then.Row.ActivatedAt.Equal(*input.ActivatedAt) {
		t.Errorf("%+v, %v", then.Row, err)
	}
}
