package bank

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// change says what a verb is about to do: its name in the audit trail, who may, and to whom it belongs.
type change struct {
	action string
	rule   permission
	at     models.Ref
	object string // what it names, as the entry of a denied try tells it; empty for what is yet to be made
}

// permission is an auth.Rule, one that takes four eyes, or the auth.Parts of an input.
type permission interface {
	Allow(ctx context.Context, ref models.Ref) error
}

// trail has the entries of the audit trail that one change writes, and its news.
type trail struct {
	change  change
	entries []*models.AuditEntry
	news    []*models.Event
}

// tell adds news, which are written behind all else: the counter of their stream is locked until the commit, and payments wait for it.
func (t *trail) tell(news ...*models.Event) { t.news = append(t.news, news...) }

// entry is one more, to be filled.
func (t *trail) entry(ctx context.Context) (*models.AuditEntry, error) {
	entry, err := newAuditEntry(ctx, t.change, models.AuditOutcomeDone)
	t.entries = append(t.entries, entry)
	return entry, err
}

// note is one more entry, of what became of a row.
func (t *trail) note(ctx context.Context, object interface{ ID() models.ID }, old, new any) error {
	entry, err := t.entry(ctx)
	if err == nil {
		entry.Note(object, old, new)
	}
	return err
}

// write does a change of one row: the caller is put to the rule, do runs in a transaction, and the audit trail is written in
// the same one. A try that is denied is told there, too. do may run more than once, like that of InTx.
func (b *Bank) write(ctx context.Context, c change, do func(tx *db.Store, entry *models.AuditEntry) error) error {
	return b.writeAfter(ctx, c, nil, func(_ context.Context, tx *db.Store, entry *models.AuditEntry) error { return do(tx, entry) })
}

// writeAfter is write with something that comes before the transaction and cannot be undone, such as a mail: it is done when the rule is met, and
// holds no connection of the database meanwhile. From then on a client that leaves does not stop the change.
func (b *Bank) writeAfter(ctx context.Context, c change, before func() error, do func(ctx context.Context, tx *db.Store, entry *models.AuditEntry) error) error {
	return b.writeMany(ctx, c, before, func(ctx context.Context, tx *db.Store, trail *trail) error {
		entry, err := trail.entry(ctx)
		if err != nil {
			return err
		}
		return do(ctx, tx, entry)
	})
}

// afterwards is how long a row may take to be written that follows what cannot be undone.
const afterwards = 5 * time.Second

// writeMany is writeAfter for a change of many rows, each with an entry of its own.
func (b *Bank) writeMany(ctx context.Context, c change, before func() error, do func(ctx context.Context, tx *db.Store, trail *trail) error) error {
	err := c.rule.Allow(ctx, c.at)
	isAllowed := err == nil
	if isAllowed && before != nil {
		err = before()
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), afterwards)
		defer cancel()
	}
	var news []*models.Event
	if err == nil {
		err = b.store.InTx(ctx, func(tx *db.Store) error {
			trail := &trail{change: c}
			if err := do(ctx, tx, trail); err != nil {
				return err
			}
			if err := tx.InsertAuditEntries(ctx, trail.entries); err != nil {
				return err
			}
			news = trail.news
			return tx.InsertEvents(ctx, news...)
		})
	}
	if err == nil {
		b.wake(news...)
	}
	return b.refused(ctx, c, isAllowed, err)
}

// refused records a try that was denied, and is its error. What is not there for the caller counts as denied: it may be
// there for others. Other refusals are about the input, and tell nothing about who may what.
func (b *Bank) refused(ctx context.Context, c change, isAllowed bool, err error) error {
	var refusal *models.Error
	if !errors.As(err, &refusal) {
		return err
	}
	isDenied := refusal.Code == models.Forbidden || refusal.Code == models.NotFound || refusal.Code == models.Policy && !isAllowed
	if !isDenied {
		return err
	}
	if _, isOurs := models.ParseID(refusal.ID); isOurs == nil {
		c.object = refusal.ID // of two that the input names it is the one that is not there
	}
	if err := b.denied(ctx, c, models.AuditOutcomeDenied); err != nil {
		return err // a try that cannot be recorded is a fault, not a refusal
	}
	return err
}

// record writes an entry by itself, also when the caller is gone meanwhile.
func (b *Bank) record(ctx context.Context, entry *models.AuditEntry) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	return b.store.InTx(ctx, func(tx *db.Store) error { return tx.InsertAuditEntries(ctx, []*models.AuditEntry{entry}) })
}

func newAuditEntry(ctx context.Context, c change, outcome models.AuditOutcome) (*models.AuditEntry, error) {
	id, err := newUUID()
	if err != nil {
		return nil, err
	}
	entry := &models.AuditEntry{
		AuditEntryID: id, BankIDOrNone: c.at.BankID, Action: c.action, Times: 1, Outcome: outcome, ClientID: "command line",
		OldValues: models.Values{}, NewValues: models.Values{}, CorrelationID: auth.Correlation(ctx).String(),
	}
	if c.at.Customer != uuid.Nil {
		entry.CustomerUUID = &c.at.Customer
	}
	if caller := auth.Caller(ctx); caller != nil {
		entry.UserUUID, entry.Username, entry.ClientID = &caller.User.UserID, &caller.User.Username, caller.ClientID
	}
	return entry, nil
}

// newUUID is the key of a new row: in the order of time, so that indexes grow at their end.
func newUUID() (uuid.UUID, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.UUID{}, fmt.Errorf("make an identifier: %w", err)
	}
	return id, nil
}
