package bank_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"bankgraph/auth"
	"bankgraph/bank"
	"bankgraph/models"
)

// importing is an input with these customers, each a number and a name with a slash between; no number when it is empty.
func importing(bankID string, mode models.ImportMode, customers ...string) models.ImportCustomersInput {
	input := models.ImportCustomersInput{BankID: bankID, Mode: mode}
	for _, customer := range customers {
		number, name, _ := strings.Cut(customer, "/")
		item := &models.ImportCustomerInput{LegalName: name}
		if number != "" {
			item.CustomerNumber = &number
		}
		input.Customers = append(input.Customers, item)
	}
	return input
}

// count is how many rows a statement finds.
func (h house) countCustomers(t *testing.T, sql string, arguments ...any) (count int) {
	t.Helper()
	if err := h.store.Pool().QueryRow(t.Context(), "SELECT count(*) FROM "+sql, arguments...).Scan(&count); err != nil {
		t.Fatal(err)
	}
	return count
}

func TestAnImportMakesEachCustomerWithAnAuditEntry(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	input := importing(firstBank, models.ImportModeRejectAll, "n1/One", "/Two", "n0/Three")
	input.Customers[0].Email, input.Customers[0].DateOfBirth = to("one@example.com"), to("1984-02-29")
	input.Customers[0].CreditLimit = &models.ImportMoneyInput{Amount: "10.5", Currency: "EUR"}
	input.Customers[0].DatesOfBirthOfDependants = []string{"2015-05-01"}
	imported, err := h.ImportCustomers(h.as(t, "demo-admin"), input)
	if err != nil || imported.Written != 3 || imported.Failed != 0 {
		t.Fatalf("%+v %v", imported, err)
	}
	for i, result := range imported.Results {
		found, err := h.store.CustomerByNumber(t.Context(), firstBank, result.Customer.CustomerNumber)
		if err != nil || found == nil || result.Index != i || found.CustomerID != result.Customer.CustomerID || !found.CreatedAt.Equal(result.Customer.CreatedAt) || len(result.FieldErrors) > 0 {
			t.Errorf("%d: %+v %v", i, found, err)
		}
		if h.countCustomers(t, "audit_entry WHERE action = 'importCustomers' AND outcome = 'DONE' AND customer_id = $1 AND username = 'demo-admin'", result.Customer.CustomerID) != 1 {
			t.Errorf("%d has not one audit entry", i)
		}
	}
	if one := imported.Results[0].Customer; models.Text(one.Email) != "one@example.com" || one.CreditLimit().Amount.String() != "10.5" || one.Dependants != 1 {
		t.Errorf("%+v", one)
	}
}

func TestAnImportTellsWhatIsWrongWithWhom(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	input := func(mode models.ImportMode) models.ImportCustomersInput {
		input := importing(firstBank, mode, "w0/Good", "5987953/Taken", "w2/", "w0/Again", "w4/Wrong", "w5/"+strings.Repeat("x", 256), "w2/Second")
		input.Customers[4].Email, input.Customers[4].MobilePhoneNumber, input.Customers[4].DateOfBirth = to("nobody"), to("12"), to("2026-02-30")
		input.Customers[4].FaceImage, input.Customers[4].CreditLimit = &models.ImportFaceImageInput{URL: "http://x"}, &models.ImportMoneyInput{Amount: "1e400", Currency: "XXY"}
		input.Customers[4].DatesOfBirthOfDependants, input.Customers[4].Title = []string{"2015-05-01", "yesterday"}, to("a\x00b")
		return input
	}
	before := h.countCustomers(t, "customer")
	imported, err := h.ImportCustomers(h.as(t, "demo-admin"), input(models.ImportModeRejectAll))
	var refusal *models.Error
	if !errors.As(err, &refusal) || refusal.Code != models.BadInput || imported != nil || h.countCustomers(t, "customer") != before || h.countCustomers(t, "audit_entry") != 0 {
		t.Fatalf("%+v %v", imported, err)
	}
	var paths []string
	for _, field := range refusal.Fields {
		paths = append(paths, strings.Join(field.Path, "."))
	}
	slices.Sort(paths)
	want := []string{
		"input.customers.1.customerNumber", "input.customers.2.legalName", "input.customers.3.customerNumber", "input.customers.4.creditLimit.amount", "input.customers.4.creditLimit.currency",
		"input.customers.4.dateOfBirth", "input.customers.4.datesOfBirthOfDependants.1", "input.customers.4.email", "input.customers.4.faceImage.url",
		"input.customers.4.mobilePhoneNumber", "input.customers.4.title", "input.customers.5.legalName", "input.customers.6.customerNumber",
	}
	if !slices.Equal(paths, want) {
		t.Errorf("wrong are\n%q instead of\n%q", paths, want)
	}
	imported, err = h.ImportCustomers(h.as(t, "demo-admin"), input(models.ImportModeSkipFailed))
	if err != nil || imported.Written != 2 || imported.Failed != 5 || h.countCustomers(t, "customer") != before+2 || h.countCustomers(t, "audit_entry") != 2 {
		t.Fatalf("%+v %v", imported, err)
	}
	for i, result := range imported.Results {
		// The number of the third is free: who is not made takes none.
		if isMade := i == 0 || i == 6; (result.Customer != nil) != isMade || (len(result.FieldErrors) == 0) != isMade || result.Index != i {
			t.Errorf("%d: %+v", i, result)
		}
	}
}

func TestWhoMayImport(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(t, "demo-owner", auth.CanCreateCustomer, firstBank)
	h.write(t, "demo-approver", auth.CanCreateCustomerAtAnyBank, "")
	before := h.countCustomers(t, "customer")
	for name, test := range map[string]struct{ user, bank string }{
		"no role": {"demo-stranger", firstBank}, "other roles": {"demo-officer", secondBank}, "A05 a role at another bank": {"demo-owner", secondBank},
	} {
		_, err := h.ImportCustomers(h.as(t, test.user), importing(test.bank, models.ImportModeSkipFailed, "x/X"))
		wantRefusal(t, err, models.Forbidden, "OBP-20006")
		if h.countCustomers(t, "audit_entry WHERE outcome = 'DENIED' AND username = $1", test.user) != 1 || h.countCustomers(t, "customer") != before {
			t.Errorf("%s: the try is not in the audit trail, or was done", name)
		}
	}
	_, err := h.ImportCustomers(t.Context(), importing(firstBank, models.ImportModeSkipFailed, "x/X"))
	wantRefusal(t, err, models.Unauthenticated, "OBP-20001")
	for user, bankID := range map[string]string{"demo-owner": firstBank, "demo-approver": secondBank} {
		if imported, err := h.ImportCustomers(h.as(t, user), importing(bankID, models.ImportModeRejectAll, "x/X")); err != nil || imported.Written != 1 {
			t.Errorf("%s: %v", user, err)
		}
	}
	_, err = h.ImportCustomers(h.as(t, "demo-approver"), importing("no.bank", models.ImportModeRejectAll, "x/X"))
	wantRefusal(t, err, models.NotFound, "OBP-30001")
	for _, count := range []int{0, 101} {
		_, err = h.ImportCustomers(h.as(t, "demo-admin"), importing(firstBank, models.ImportModeSkipFailed, slices.Repeat([]string{"/X"}, count)...))
		wantRefusal(t, err, models.BadInput, "OBP-10001", "input", "customers")
	}
}

func TestImportsAtOnceMakeEachNumberOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	before := h.countCustomers(t, "customer")
	ctx := h.as(t, "demo-admin")
	var group sync.WaitGroup
	var mu sync.Mutex
	written := 0
	for i := range 6 {
		group.Go(func() {
			var customers []string
			for n := range 60 {
				customers = append(customers, fmt.Sprintf("same-%02d/Name %d", n, i))
			}
			if i%2 == 0 {
				slices.Reverse(customers)
			}
			imported, err := h.ImportCustomers(ctx, importing(firstBank, models.ImportModeSkipFailed, customers...))
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			written += imported.Written
			mu.Unlock()
		})
	}
	group.Wait()
	if written != 60 || h.countCustomers(t, "customer") != before+60 || h.countCustomers(t, "audit_entry") != 60 {
		t.Errorf("%d are told and %d made", written, h.countCustomers(t, "customer")-before)
	}
}

// pretend is a file of batches of these sizes; its customers have no numbers, so that doubling would be seen in nothing but their count.
func pretend(mode models.ImportMode, resume bool, fail func(batch int) error, sizes ...int) bank.FileImport {
	return bank.FileImport{
		BankID: firstBank, FileHash: strings.Repeat("a", 64), Mode: mode, Resume: resume,
		Report: func([]*models.ImportedCustomer) error { return nil },
		Open: func(done models.ImportProgress) (func() ([]models.ImportItem, error), error) {
			position := done.Position
			batch := 0
			for ; position > 0; batch++ {
				position -= sizes[batch]
			}
			return func() ([]models.ImportItem, error) {
				if batch == len(sizes) {
					return nil, nil
				}
				if err := fail(batch); err != nil {
					return nil, err
				}
				items := make([]models.ImportItem, sizes[batch])
				for i := range items {
					items[i].Input.LegalName = fmt.Sprintf("File %d-%d", batch, i)
				}
				batch++
				return items, nil
			}, nil
		},
	}
}

func TestAnImportOfAFileGoesOnWhereItWasEnded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	never := func(int) error { return nil }
	broken := errors.New("broken")
	atTwo := func(batch int) error {
		if batch == 2 {
			return broken
		}
		return nil
	}
	const made = "customer WHERE legal_name LIKE 'File %'"
	if _, err := h.ImportFile(t.Context(), pretend(models.ImportModeRejectAll, false, atTwo, 3, 3, 3)); !errors.Is(err, broken) || h.countCustomers(t, made) != 0 {
		t.Fatalf("%v, %d made", err, h.countCustomers(t, made))
	}
	if _, err := h.ImportFile(t.Context(), pretend(models.ImportModeSkipFailed, false, atTwo, 3, 3, 3)); !errors.Is(err, broken) || h.countCustomers(t, made) != 6 {
		t.Fatalf("%v, %d made", err, h.countCustomers(t, made))
	}
	_, err := h.ImportFile(t.Context(), pretend(models.ImportModeSkipFailed, false, never, 3, 3, 3))
	wantRefusal(t, err, models.InvalidState, "")
	_, err = h.ImportFile(t.Context(), pretend(models.ImportModeRejectAll, true, never, 3, 3, 3))
	wantRefusal(t, err, models.Policy, "")
	for range 2 { // the second time there is nothing left to do
		progress, err := h.ImportFile(t.Context(), pretend(models.ImportModeSkipFailed, true, never, 3, 3, 3))
		if err != nil || progress.Written != 9 || progress.Position != 9 || progress.FinishedAt == nil || h.countCustomers(t, made) != 9 {
			t.Errorf("%+v %v, %d made", progress, err, h.countCustomers(t, made))
		}
	}
	if h.countCustomers(t, "audit_entry WHERE client_id = 'command line' AND user_id IS NULL") != 9 {
		t.Error("not each customer has an audit entry")
	}
	other := pretend(models.ImportModeSkipFailed, false, never, 1)
	other.BankID = "no.bank"
	_, err = h.ImportFile(t.Context(), other)
	wantRefusal(t, err, models.NotFound, "OBP-30001")
}

func TestTwoImportsOfOneFileDoubleNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var ready, group sync.WaitGroup
	ready.Add(2)
	failures := make(chan error, 2)
	for range 2 {
		group.Go(func() {
			met := false
			_, err := h.ImportFile(t.Context(), pretend(models.ImportModeSkipFailed, true, func(int) error {
				if !met { // both have found that nothing is done
					met = true
					ready.Done()
					ready.Wait()
				}
				return nil
			}, 5, 5, 5))
			failures <- err
		})
	}
	group.Wait()
	close(failures)
	refused := 0
	for err := range failures {
		if err != nil {
			wantRefusal(t, err, models.InvalidState, "")
			refused++
		}
	}
	if made := h.countCustomers(t, "customer WHERE legal_name LIKE 'File %'"); refused > 1 || refused == 0 && made != 15 || made%5 != 0 || made > 15 {
		t.Errorf("%d refused, %d made", refused, made)
	}
}
