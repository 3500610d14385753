package models

import (
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// TransactionRequestAttributeDefinition says what an attribute of transaction requests is.
type TransactionRequestAttributeDefinition struct {
	bun.BaseModel `bun:"table:transaction_request_attribute_definition" db:"-"`

	AttributeDefinitionID uuid.UUID `bun:",pk"`
	BankID                string
	Name                  string
	Type                  AttributeType
	Description           *string
	Alias                 *string
	CanBeSeenOnViews      []string `bun:",array"`
	IsActive              bool
	CreatedAt             time.Time
	UpdatedAt             time.Time
}

// ID identifies the definition in the graph.
func (d *TransactionRequestAttributeDefinition) ID() ID {
	return ID{KindAttributeDefinition, d.AttributeDefinitionID}
}

// Ref says which bank it belongs to.
func (d *TransactionRequestAttributeDefinition) Ref() Ref { return Ref{BankID: d.BankID} }

// IsNode marks a node.
func (*TransactionRequestAttributeDefinition) IsNode() {}

// What is allowed of a definition, in characters, and how many views it may name.
const (
	maxDefinitionDescription = 2000
	maxDefinitionViews       = 20
)

// definitionName is of characters that look alike to nobody: definitions are found by it.
var definitionName = regexp.MustCompile(`\A[!-~]([ -~]{0,62}[!-~])?\z`)

// Definition is the definition that the input describes, without the key.
func (in CreateOrUpdateTransactionRequestAttributeDefinitionInput) Definition() *TransactionRequestAttributeDefinition {
	return &TransactionRequestAttributeDefinition{
		BankID: in.BankID, Name: in.Name, Type: in.Type, Description: in.Description, Alias: in.Alias, CanBeSeenOnViews: append([]string{}, in.CanBeSeenOnViews...), IsActive: in.IsActive,
	}
}

// Validate says what is wrong with a definition that is to be written, where these views are all that there are.
func (d *TransactionRequestAttributeDefinition) Validate(views []string) Violations {
	var v Violations
	if !definitionName.MatchString(d.Name) {
		v.Add("This may have 1 to 64 printable characters of ASCII, without blanks at the ends.", "name")
	}
	v.Length(d.Description, 0, maxDefinitionDescription, "description")
	if d.Alias != nil {
		v.Line(*d.Alias, maxAttributeName, "alias")
	}
	if len(d.CanBeSeenOnViews) > maxDefinitionViews {
		v.Add("These are too many.", "canBeSeenOnViews")
		return v
	}
	for i, view := range d.CanBeSeenOnViews {
		switch {
		case !slices.Contains(views, view):
			v.Add("There is no such view.", "canBeSeenOnViews", strconv.Itoa(i))
		case slices.Contains(d.CanBeSeenOnViews[:i], view):
			v.Add("This view is there already.", "canBeSeenOnViews", strconv.Itoa(i))
		}
	}
	return v
}
