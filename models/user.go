package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// User is a person or machine that an identity provider vouches for.
type User struct {
	bun.BaseModel `bun:"table:app_user" db:"-"`

	UserID    uuid.UUID `bun:",pk"`
	Issuer    string    // the identity provider
	Subject   string    // who it is, to the provider
	Username  string
	Email     *string
	CreatedAt time.Time

	PhoneNumber *string `audit:"phoneNumber,masked"` // where codes go by text message, as an operator noted it
}

// ID identifies the user in the graph.
func (u *User) ID() ID { return ID{KindUser, u.UserID} }

// Ref says that the user belongs to themselves, and to no bank.
func (u *User) Ref() Ref { return Ref{User: u.UserID} }

// IsNode marks a node.
func (*User) IsNode() {}

// UserConnection is a page of users.
type UserConnection = Connection[User]

// UserEdge is one of them with its place.
type UserEdge = Edge[User]

// Caller is the user who asks, through which application, with all that they are entitled to at
// this moment. It is read anew for each operation, so that what is taken from them counts at once.
type Caller struct {
	User         *User
	ClientID     string         // the application
	IsEnabled    bool           // whether the application may call
	ExpiresAt    time.Time      // when the token ends that they showed; the database does not know it
	Entitlements []*Entitlement // in no order
	Access       []*AccountAccess
	Links        []CustomerLink
}

// CustomerLink says that the caller is a customer.
type CustomerLink struct {
	BankID     string    `json:"bank_id"`
	CustomerID uuid.UUID `json:"customer_id"`
}
