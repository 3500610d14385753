// Package models has the nouns of bankgraph. One struct is the row of a table and the object of the
// graph: its fields are the columns, its methods what is derived from them.
//
// It also has what all nouns share: identifiers, scalars, pages and the one error type. It knows
// no other room, no SQL and no request.
package models

import "github.com/google/uuid"

// Ref says to whom a row belongs, which is what decides who may see it. Rows answer it with Ref().
type Ref struct {
	// BankID is the bank of the row, OBP's identifier.
	BankID string
	// Customer is the customer that the row is, or belongs to; zero for others.
	Customer uuid.UUID
	// Account is the account that the row is, or belongs to; zero for others.
	Account uuid.UUID
	// User is the user that the row is, or belongs to; zero for others.
	User uuid.UUID
	// AlsoAt is the account that the row belongs to, too, when there are two: who has a view there may see it, but a role at its bank says nothing.
	AlsoAt AccountRef
}

// AccountRef names an account.
type AccountRef struct {
	BankID  string
	Account uuid.UUID
}

// Subject is a row by its identifier and whose it is, for what says no more of it.
type Subject struct {
	ID  ID
	Ref Ref
}

// Referrer is a row that knows to whom it belongs.
type Referrer interface{ Ref() Ref }

// IdentifiedReferrer is one that has an identifier in the graph, too.
type IdentifiedReferrer interface {
	Referrer
	ID() ID
}

// Text is what s points to, or the empty string. Optional columns are pointers, since the
// database driver would read NULL as "" without a word.
func Text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
