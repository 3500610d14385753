package models

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// UserInvitation is an invitation by e-mail to use the bank's services.
type UserInvitation struct {
	bun.BaseModel `bun:"table:user_invitation" db:"-"`

	UserInvitationID uuid.UUID `bun:",pk"`
	BankID           string
	FirstName        string
	LastName         string
	Email            string
	Company          string
	Country          string
	Purpose          InvitationPurpose
	Status           InvitationStatus
	SecretHash       []byte    `audit:"-"` // the secret itself is in the mail and nowhere else
	UsableUntil      time.Time // by the clock of the database
	CreatedAt        time.Time
	AcceptedAt       *time.Time
	AcceptedBy       *uuid.UUID // the user who took it
}

// ID identifies the invitation in the graph.
func (i *UserInvitation) ID() ID { return ID{KindUserInvitation, i.UserInvitationID} }

// Ref says which bank invites.
func (i *UserInvitation) Ref() Ref { return Ref{BankID: i.BankID} }

// IsNode marks a node.
func (*UserInvitation) IsNode() {}

// What OBP allows of an invitation, in characters; it allows no more than 50 of an e-mail address, too, which many are longer than.
const maxInvitationText = 50

// Validate says what is wrong with an invitation that is to be sent, by the fields of the input.
func (i *UserInvitation) Validate() Violations {
	var v Violations
	v.Line(i.FirstName, maxInvitationText, "firstName")
	v.Line(i.LastName, maxInvitationText, "lastName")
	v.Line(i.Email, maxEmail, "email")
	v.Line(i.Company, maxInvitationText, "company")
	v.Line(i.Country, maxInvitationText, "country")
	return v
}

// UserInvitation is the invitation that the input describes, without the key and the secret.
func (in CreateUserInvitationInput) UserInvitation() *UserInvitation {
	return &UserInvitation{
		BankID: in.BankID, FirstName: in.FirstName, LastName: in.LastName, Email: in.Email, Company: in.Company, Country: in.Country,
		Purpose: in.Purpose, Status: InvitationStatusCreated,
	}
}

// secretLength is in bytes: 256 bits, which nobody guesses.
const secretLength = 32

// NewSecret is a secret that nobody can guess, for a link.
func NewSecret() (string, error) {
	secret := make([]byte, secretLength)
	if _, err := rand.Read(secret); err != nil {
		return "", fmt.Errorf("make a secret: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(secret), nil
}

// HashSecret is what is kept of such a secret, and what it is looked for by. A plain hash does: there is no list of likely secrets to try.
func HashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
