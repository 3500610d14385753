package models

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// AuditEntry says who did or tried what. It is written once and never changed.
type AuditEntry struct {
	bun.BaseModel `bun:"table:audit_entry" db:"-"`

	AuditEntryID  uuid.UUID `bun:",pk"`
	BankIDOrNone  string    `bun:"bank_id" db:"bank_id"` // empty: it belongs to no bank
	OccurredAt    time.Time
	Times         int    // how often, within a minute, when it was refused again and again
	Action        string // the field of the graph, or the sub-command
	Outcome       AuditOutcome
	UserUUID      *uuid.UUID `bun:"user_id" db:"user_id"` // nil at the command line
	Username      *string
	ClientID      string     // the application
	CustomerUUID  *uuid.UUID `bun:"customer_id" db:"customer_id"` // whom it was about
	ObjectID      *string    // what it was about, by its identifier in the graph
	OldValues     Values     `bun:"type:jsonb"`
	NewValues     Values     `bun:"type:jsonb"`
	CorrelationID string     // what the caller was told
}

// Values are columns of a row, by the names of their fields.
type Values map[string]json.RawMessage

// ID identifies the entry in the graph.
func (e *AuditEntry) ID() ID { return ID{KindAuditEntry, e.AuditEntryID} }

// Ref says to whom the entry belongs.
func (e *AuditEntry) Ref() Ref { return Ref{BankID: e.BankIDOrNone} }

// IsNode marks a node.
func (*AuditEntry) IsNode() {}

// BankID is the bank that it belongs to, nil for none.
func (e *AuditEntry) BankID() *string { return optional(e.BankIDOrNone) }

// UserID identifies who did it, nil for an operator at the command line.
func (e *AuditEntry) UserID() *ID { return optionalID(KindUser, e.UserUUID) }

// CustomerID identifies whom it was about, if anybody.
func (e *AuditEntry) CustomerID() *ID { return optionalID(KindCustomer, e.CustomerUUID) }

func optionalID(kind Kind, id *uuid.UUID) *ID {
	if id == nil {
		return nil
	}
	return &ID{kind, *id}
}

// Note says what became of a row: old is nil for a new one, and new for one that is gone. Only what differs is kept,
// and never a column with the tag audit:"-", which is a secret. One with the tag audit:"name,masked" is kept masked, under that name.
func (e *AuditEntry) Note(object interface{ ID() ID }, old, new any) {
	if row, belongs := object.(Referrer); belongs && row.Ref().Customer != uuid.Nil {
		customer := row.Ref().Customer
		e.CustomerUUID = &customer
	}
	e.NoteNamed(object.ID().String(), old, new)
}

// NoteNamed is Note for a row that has no identifier in the graph, but a name.
func (e *AuditEntry) NoteNamed(name string, old, new any) {
	e.ObjectID = &name
	e.OldValues, e.NewValues = ValuesOf(old), ValuesOf(new)
	for name, value := range e.OldValues {
		if newer, kept := e.NewValues[name]; kept && string(newer) == string(value) {
			delete(e.OldValues, name)
			delete(e.NewValues, name)
		}
	}
	e.OldValues.mask(old) // only now, since what differs may look the same masked
	e.NewValues.mask(new)
}

// mask masks the columns of a row that are not for every reader of the audit trail.
func (v Values) mask(row any) {
	for i, fields := 0, reflect.Indirect(reflect.ValueOf(row)); fields.IsValid() && i < fields.NumField(); i++ {
		name, isMasked := strings.CutSuffix(fields.Type().Field(i).Tag.Get("audit"), ",masked")
		if _, kept := v[name]; isMasked && kept {
			v[name], _ = json.Marshal(Masked(reflect.Indirect(fields.Field(i)).String()))
		}
	}
}

// maxNamed is how much of what a caller named is kept, in characters: as much as the longest identifier has.
const maxNamed = 254

// Deny says what a caller named who was refused. It may be anything: what no bank can be called is kept as the object of an
// entry of no bank, and all without what does not print.
func (e *AuditEntry) Deny(object string) {
	if e.BankIDOrNone != "" && !IsBankID(e.BankIDOrNone) {
		object, e.BankIDOrNone = e.BankIDOrNone, ""
	}
	named := []rune(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(object, "\uFFFD")))
	e.ObjectID = optional(string(named[:min(len(named), maxNamed)]))
}

// Changes are the columns that changed, by name.
func (e *AuditEntry) Changes() []*AuditChange {
	names := map[string]struct{}{}
	for _, values := range []Values{e.OldValues, e.NewValues} {
		for name := range values {
			names[name] = struct{}{}
		}
	}
	changes := []*AuditChange{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		changes = append(changes, &AuditChange{Field: name, Old: e.OldValues.text(name), New: e.NewValues.text(name)})
	}
	return changes
}

// text is a value as a person reads it: without the quotation marks of a JSON string.
func (v Values) text(name string) *string {
	raw, known := v[name]
	if !known {
		return nil
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		text = string(raw)
	}
	return &text
}

// ValuesOf are the columns of a row that have a value.
func ValuesOf(row any) Values {
	values := Values{}
	v := reflect.Indirect(reflect.ValueOf(row))
	if !v.IsValid() {
		return values
	}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		isNone := v.Field(i).IsZero() && v.Field(i).Kind() != reflect.Bool && v.Field(i).Kind() != reflect.Int // false and 0 are values
		if field.Anonymous || !field.IsExported() || field.Tag.Get("audit") == "-" || isNone {
			continue
		}
		if raw, err := json.Marshal(v.Field(i).Interface()); err == nil && string(raw) != "null" {
			values[auditName(field)] = raw
		}
	}
	return values
}

// auditName is what the audit trail calls a column: as the graph does.
func auditName(field reflect.StructField) string {
	if name, isMasked := strings.CutSuffix(field.Tag.Get("audit"), ",masked"); isMasked {
		return name
	}
	return fieldName(field.Name)
}

// fieldName is a Go name as the graph spells it: CustomerID becomes customerId.
func fieldName(goName string) string {
	var name strings.Builder
	runes := []rune(goName)
	for i, r := range runes {
		startsWord := i > 0 && unicode.IsUpper(r) && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if !startsWord {
			r = unicode.ToLower(r)
		}
		name.WriteRune(r)
	}
	return name.String()
}

// AuditEntryConnection is a page of audit entries.
type AuditEntryConnection = Connection[AuditEntry]

// AuditEntryEdge is one of them with its place.
type AuditEntryEdge = Edge[AuditEntry]
