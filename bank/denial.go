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

// collected is how long tries of one kind that were refused are counted before the count is written.
const collected = time.Minute

// How many kinds are counted at once, of a caller and in all. Who makes up banks and identifiers makes kinds at will: of a caller's first
// kinds all is told, of more of them not what they named, what comes beyond is one kind of the caller's own, and beyond all one of nobody's.
const (
	maxNamed     = 25
	maxOfCaller  = 50
	maxCollected = 20_000
	otherTries   = "other tries"
)

// denials counts tries that were refused, by caller, application, field, bank and what was named. The first is written at once, and those
// that follow within a minute as one entry with their number: who asks ten thousand times must not write ten thousand rows.
type denials struct {
	mu       sync.Mutex
	open     map[denial]*models.AuditEntry
	ofCaller map[uuid.UUID]int
}

func newDenials() *denials {
	return &denials{open: map[denial]*models.AuditEntry{}, ofCaller: map[uuid.UUID]int{}}
}

// denial is what refused tries have in common that are counted together.
type denial struct {
	user                 uuid.UUID
	client               string
	action, bank, object string
	as                   models.AuditOutcome
}

// Denied records that the caller was refused a read. Strangers are not recorded: there is nobody to name.
func (b *Bank) Denied(ctx context.Context, action, bankID string, outcome models.AuditOutcome) error {
	if auth.Caller(ctx) == nil {
		return nil
	}
	return b.denied(ctx, change{action: action, at: models.Ref{BankID: bankID}}, outcome)
}

// denied records that the caller was refused something. Each try of an operator at the machine itself stands by itself.
func (b *Bank) denied(ctx context.Context, c change, outcome models.AuditOutcome) error {
	entry, err := newAuditEntry(ctx, c, outcome)
	if err != nil {
		return err
	}
	entry.Deny(c.object)
	if entry.UserUUID == nil {
		return b.record(ctx, entry)
	}
	of, isFirst := b.denials.count(entry, b.settle)
	if !isFirst {
		return nil
	}
	if err = b.record(ctx, entry); err != nil {
		b.denials.keep(of, entry, b.settle)
	}
	return err
}

// count counts a try, unless nothing like it is being counted: then counting begins, and ends by itself.
func (d *denials) count(entry *models.AuditEntry, end func(denial) error) (of denial, isFirst bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	of = d.kind(entry)
	if counted, known := d.open[of]; known {
		if counted.Times++; counted.CustomerUUID != nil && (entry.CustomerUUID == nil || *entry.CustomerUUID != *counted.CustomerUUID) {
			counted.CustomerUUID = nil // what was about several is about none
		}
		return of, false
	}
	more := *entry // the first is told in full, those that follow as what they have in common
	more.Times, more.Action, more.BankIDOrNone = 0, of.action, of.bank
	if of.object == "" {
		more.ObjectID, more.CustomerUUID = nil, nil
	}
	if of.user == uuid.Nil {
		more.UserUUID, more.Username, more.ClientID = nil, nil, of.client
	}
	d.begin(of, &more, end)
	return of, true
}

func (d *denials) begin(of denial, counted *models.AuditEntry, end func(denial) error) {
	d.open[of] = counted
	d.ofCaller[of.user]++
	time.AfterFunc(collected, func() { _ = end(of) }) // what cannot be written is kept, and stands in the log of requests, one by one
}

// keep counts what could not be written for the next time.
func (d *denials) keep(of denial, entry *models.AuditEntry, end func(denial) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if counted, known := d.open[of]; known {
		counted.Times += entry.Times
		return
	}
	d.begin(of, entry, end)
}

// kind is the kind that an entry counts for: the most telling one for which there is room.
func (d *denials) kind(entry *models.AuditEntry) denial {
	of := denial{*entry.UserUUID, entry.ClientID, entry.Action, entry.BankIDOrNone, models.Text(entry.ObjectID), entry.Outcome}
	hasRoom := func(most int) bool {
		_, known := d.open[of]
		return known || d.ofCaller[of.user] < most && len(d.open) < maxCollected
	}
	if hasRoom(maxNamed) {
		return of
	}
	if of.object = ""; hasRoom(maxOfCaller) {
		return of
	}
	if of.action, of.bank = otherTries, ""; !hasRoom(maxOfCaller + 1) {
		of.user, of.client = uuid.Nil, otherTries
	}
	return of
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
	if err = b.record(context.Background(), entry); err != nil {
		b.denials.keep(of, entry, b.settle)
	}
	return err
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
