package bank

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// maxNumberTries is how often a number is made by chance for a customer who was given none: one of a million is taken already when
// a million are.
const maxNumberTries = 5

// ImportCustomers makes many customers of a bank. Refusals: BadInput (all fields of all customers, unless the failed ones are
// skipped), NotFound (bank), Forbidden.
func (b *Bank) ImportCustomers(ctx context.Context, input models.ImportCustomersInput) (*models.ImportCustomersSuccess, error) {
	var imported *models.ImportCustomersSuccess
	at := change{"importCustomers", auth.CreateCustomers, models.Ref{BankID: input.BankID}, ""}
	err := b.writeMany(ctx, at, nil, func(_ context.Context, tx *db.Store, trail *trail) (err error) {
		if count := len(input.Customers); count < 1 || count > models.MaxImport {
			return models.Invalid(fmt.Sprintf("These are %d customers: there must be 1 to %d.", count, models.MaxImport), "input", "customers")
		}
		if err := mustHaveBank(ctx, tx, input.BankID); err != nil {
			return err
		}
		items := make([]models.ImportItem, len(input.Customers))
		for i, customer := range input.Customers {
			items[i].Input = *customer
		}
		if imported, err = importBatch(ctx, tx, trail, input.BankID, items, input.Mode); err != nil {
			return err
		}
		var wrong models.Violations
		for _, result := range imported.Results {
			result.FieldErrors = models.Violations(result.FieldErrors).At("customers", strconv.Itoa(result.Index))
			wrong = append(wrong, result.FieldErrors...)
		}
		if input.Mode == models.ImportModeRejectAll {
			return wrong.Err()
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return imported, nil
}

// importBatch makes those customers that can be made. What is wrong with the others is told by the fields of each.
func importBatch(ctx context.Context, tx *db.Store, trail *trail, bankID string, items []models.ImportItem, mode models.ImportMode) (*models.ImportCustomersSuccess, error) {
	imported := &models.ImportCustomersSuccess{Results: make([]*models.ImportedCustomer, len(items))}
	first := map[string]int{} // the place of each number that is given
	var ready []*models.ImportedCustomer
	for i, item := range items {
		result := &models.ImportedCustomer{Index: i}
		imported.Results[i] = result
		if len(item.Wrong) > 0 {
			result.FieldErrors = item.Wrong
			continue
		}
		customer, wrong := item.Input.Customer(bankID, time.Now())
		if number := item.Input.CustomerNumber; number != nil {
			if _, again := first[*number]; again {
				wrong.Add("Another customer of this import has this number.", "customerNumber")
			} else if len(wrong) == 0 || mode == models.ImportModeRejectAll { // who is not made takes no number, unless all is refused anyway
				first[*number] = i
			}
		}
		if result.FieldErrors = wrong; len(wrong) == 0 {
			result.Customer = customer
			ready = append(ready, result)
		}
	}
	if err := makeAll(ctx, tx, items, ready); err != nil {
		return nil, err
	}
	for _, result := range imported.Results {
		if result.Customer == nil {
			imported.Failed++
			continue
		}
		imported.Written++
		entry, err := trail.entry(ctx)
		if err != nil {
			return nil, err
		}
		entry.Note(result.Customer, nil, result.Customer)
	}
	return imported, nil
}

// makeAll writes the customers of these results. Who was given a number that is taken becomes an error; for who was given none
// another is made.
func makeAll(ctx context.Context, tx *db.Store, items []models.ImportItem, ready []*models.ImportedCustomer) (err error) {
	for try := 0; len(ready) > 0; try++ {
		customers := make([]*models.Customer, len(ready))
		for i, result := range ready {
			customers[i] = result.Customer
			if customers[i].CustomerID, err = newUUID(); err != nil {
				return err
			}
			if items[result.Index].Input.CustomerNumber == nil {
				if customers[i].CustomerNumber, err = newCustomerNumber(); err != nil {
					return err
				}
			}
		}
		written, err := tx.InsertCustomers(ctx, customers)
		if err != nil {
			return err
		}
		var again []*models.ImportedCustomer
		for _, result := range ready {
			switch {
			case written[result.Customer.CustomerID]:
			case items[result.Index].Input.CustomerNumber == nil && try < maxNumberTries:
				again = append(again, result)
			default:
				var wrong models.Violations
				wrong.Add("Another customer of the bank has this number.", "customerNumber")
				result.Customer, result.FieldErrors = nil, wrong
			}
		}
		ready = again
	}
	return nil
}

// FileImport is a file of customers, read batch by batch.
type FileImport struct {
	BankID   string
	FileHash string
	Mode     models.ImportMode
	Resume   bool // go on where an earlier import of the same file was ended
	// Open begins to read behind what is done; the function that it gives reads the next batch, an empty one at the end, and not before the one
	// before it is committed.
	Open func(done models.ImportProgress) (func() ([]models.ImportItem, error), error)
	// Report hears what became of a batch, before it is committed: it may hear of the same batch again, but misses none.
	Report func(results []*models.ImportedCustomer) error
}

// ImportFile makes the customers of a file and asks nobody: it is what an operator does at the machine itself. With SKIP_FAILED each batch is
// a transaction, and what is done stays; with REJECT_ALL the whole file is one, which is taken back when one customer cannot be made.
func (b *Bank) ImportFile(ctx context.Context, file FileImport) (*models.ImportProgress, error) {
	if file.Mode == models.ImportModeSkipFailed {
		return b.importFile(ctx, file)
	}
	if file.Resume {
		return nil, models.Errorf(models.Policy, "Of all or nothing there is never a part to go on from: leave out --resume, or take --mode skip-failed.")
	}
	var progress *models.ImportProgress
	err := b.store.InTx(ctx, func(tx *db.Store) (err error) {
		if progress, err = New(tx).importFile(ctx, file); err == nil && progress.Failed > 0 {
			return models.Errorf(models.Policy, "Nothing was written: %d of %d customers cannot be made.", progress.Failed, progress.Position)
		}
		return err
	})
	return progress, err
}

func (b *Bank) importFile(ctx context.Context, file FileImport) (*models.ImportProgress, error) {
	progress, err := b.beginImport(ctx, file)
	if err != nil || progress.FinishedAt != nil {
		return progress, err
	}
	next, err := file.Open(*progress)
	if err != nil {
		return nil, err
	}
	for {
		items, err := next()
		if err != nil {
			return progress, err
		}
		to := *progress
		if len(items) == 0 {
			now := time.Now()
			to.FinishedAt = &now
		}
		err = b.writeMany(ctx, change{"importCustomers", auth.Everybody, models.Ref{BankID: file.BankID}, ""}, nil, func(_ context.Context, tx *db.Store, trail *trail) error {
			imported, err := importBatch(ctx, tx, trail, file.BankID, items, file.Mode)
			if err != nil {
				return err
			}
			to.Position, to.Written, to.Failed = progress.Position+len(items), progress.Written+imported.Written, progress.Failed+imported.Failed
			if isOurs, err := tx.AdvanceImport(ctx, *progress, to); err != nil || !isOurs {
				return elsewhere(err)
			}
			return file.Report(imported.Results)
		})
		if err != nil {
			return progress, err
		}
		if *progress = to; len(items) == 0 {
			return progress, nil
		}
	}
}

// elsewhere says that somebody else imports the same file, unless there is a worse reason.
func elsewhere(err error) error {
	if err != nil {
		return err
	}
	refusal := models.Errorf(models.InvalidState, "Another program imports the same file.")
	refusal.Status, refusal.Allowed = "RUNNING", []string{"ENDED"}
	return refusal
}

// beginImport is how far the import has come before. Who did not ask to go on must not do what was done again.
func (b *Bank) beginImport(ctx context.Context, file FileImport) (progress *models.ImportProgress, err error) {
	err = b.store.InTx(ctx, func(tx *db.Store) error {
		if err := mustHaveBank(ctx, tx, file.BankID); err != nil {
			return err
		}
		progress, err = tx.ImportProgress(ctx, file.BankID, file.FileHash)
		return err
	})
	if err == nil && !file.Resume && (progress.Position > 0 || progress.FinishedAt != nil) {
		refusal := models.Errorf(models.InvalidState, "This file was imported up to record %d before: --resume goes on from there.", progress.Position)
		refusal.Status, refusal.Allowed = "BEGUN", []string{"NEW"}
		return nil, refusal
	}
	return progress, err
}
