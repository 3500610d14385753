package bank

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/models"
)

// collected is how long refused reads of one kind are counted before the count is written.
const collected = time.Minute

// How many kinds are counted at once, of a caller and in all. Who names banks that nobody knows makes kinds at will: what comes beyond the
// first ones is one kind of the caller's own, and beyond all one of nobody's.
const (
	maxOfCaller  = 50
	maxCollected = 20_000
	otherReads   = "other reads"
)

// denials counts reads that were refused, by caller, application, field and bank. The first is written at once, and those that
// follow within a minute as one entry with their number: who asks ten thousand times must not write ten thousand rows.
type denials struct {
	mu       sync.Mutex
	open     map[denial]*models.AuditEntry
	ofCaller map[uuid.UUID]int
}

func newDenials() *denials {
	return &denials{open: map[denial]*models.AuditEntry{}, ofCaller: map[uuid.UUID]int{}}
}

// denial is what refused reads have in common that are counted together.
type denial struct {
	user         uuid.UUID
	client       string
	action, bank string
	as           models.AuditOutcome
}

// Denied records that the caller was refused a read. Strangers are not recorded: there is nobody to name.
func (b *Bank) Denied(ctx context.Context, action, bankID string, outcome models.AuditOutcome) error {
	caller := auth.Caller(ctx)
	if caller == nil {
		return nil
	}
	entry, err := newAuditEntry(ctx, change{action: action, at: models.Ref{BankID: bankID}}, outcome)
	if err != nil {
		return err
	}
	if b.denials.isFirst(denial{caller.User.UserID, caller.ClientID, action, entry.BankIDOrNone, outcome}, entry, b.settle) {
		return b.record(ctx, entry)
	}
	return nil
}

// isFirst says whether nothing like it is being counted. When that is so, counting begins, and ends by itself.
func (d *denials) isFirst(of denial, entry *models.AuditEntry, end func(denial) error) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, known := d.open[of]; !known && (d.ofCaller[of.user] >= maxOfCaller || len(d.open) >= maxCollected) {
		of.action, of.bank = otherReads, ""
		if _, known := d.open[of]; !known && len(d.open) >= maxCollected {
			of.user, of.client = uuid.Nil, otherReads
			entry.UserUUID, entry.Username, entry.ClientID = nil, nil, otherReads
		}
		entry.Action, entry.BankIDOrNone = of.action, of.bank
	}
	if counted, known := d.open[of]; known {
		counted.Times++
		return false
	}
	more := *entry
	more.Times = 0
	d.open[of] = &more
	d.ofCaller[of.user]++
	time.AfterFunc(collected, func() { _ = end(of) }) // what cannot be written stands in the log of requests, one by one
	return true
}

// take ends the counting, and is what is to be written; nil for nothing.
func (d *denials) take(of denial) *models.AuditEntry {
	d.mu.Lock()
	defer d.mu.Unlock()
	entry := d.open[of]
	delete(d.open, of)
	if entry == nil {
		return nil
	}
	if d.ofCaller[of.user]--; d.ofCaller[of.user] == 0 {
		delete(d.ofCaller, of.user)
	}
	if entry.Times == 0 {
		return nil
	}
	return entry
}

// settle writes the count of what came after the first.
func (b *Bank) settle(of denial) error {
	entry := b.denials.take(of)
	if entry == nil {
		return nil
	}
	id, err := newUUID()
	if err != nil {
		return err
	}
	entry.AuditEntryID = id
	return b.record(context.Background(), entry)
}

// Settle writes all counts: it is called before the program ends.
func (b *Bank) Settle() error {
	b.denials.mu.Lock()
	all := make([]denial, 0, len(b.denials.open))
	for of := range b.denials.open {
		all = append(all, of)
	}
	b.denials.mu.Unlock()
	var failures []error
	for _, of := range all {
		failures = append(failures, b.settle(of))
	}
	return errors.Join(failures...)
}
