package db

import (
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"bankgraph/models"
)

// LedgerRow is one row for a statement that writes those of many orders at once, in the transaction of the ledger: bank makes a ledger.Row of it. The
// statement takes one array a column.
type LedgerRow struct {
	SQL    string
	Values []any
	Rows   int // how many it must touch: with another number the order is not done
}

const insertAuditEntries = `
	INSERT INTO audit_entry (audit_entry_id, bank_id, times, action, outcome, user_id, username, client_id, customer_id, object_id, old_values, new_values, correlation_id)
	SELECT * FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::uuid[], $7::text[], $8::text[], $9::uuid[], $10::text[],
	       $11::jsonb[], $12::jsonb[], $13::text[])`

// AuditEntryRow is an entry of the audit trail that is written with what an order does.
func AuditEntryRow(e *models.AuditEntry) (LedgerRow, error) {
	before, err := json.Marshal(e.OldValues)
	if err != nil {
		return LedgerRow{}, fmt.Errorf("write an audit entry: %w", err)
	}
	after, err := json.Marshal(e.NewValues)
	if err != nil {
		return LedgerRow{}, fmt.Errorf("write an audit entry: %w", err)
	}
	return LedgerRow{insertAuditEntries, []any{
		e.AuditEntryID, e.BankIDOrNone, e.Times, e.Action, string(e.Outcome), orNull(e.UserUUID), orNull(e.Username), e.ClientID, orNull(e.CustomerUUID),
		orNull(e.ObjectID), before, after, e.CorrelationID,
	}, 1}, nil
}

// AskAuditEntry asks whether an entry of the audit trail is written already: then so is all that goes with it.
func AskAuditEntry(e *models.AuditEntry, take func()) Ask {
	return Ask{
		SQL: `SELECT asked.position FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS asked (audit_entry_id, bank_id, position)
			JOIN audit_entry USING (audit_entry_id, bank_id)`,
		Values: []any{e.AuditEntryID, e.BankIDOrNone},
		Answer: func(pgx.CollectableRow) error { take(); return nil },
	}
}

// orNull is what p points to; nil, which is NULL, for no pointer.
func orNull[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}
