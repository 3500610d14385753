package bank

import (
	"context"
	"errors"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/mail"
	"bankgraph/models"
)

// CreateUserInvitation invites somebody by e-mail. Refusals: BadInput (fields, an address that takes no mail), NotFound (bank), Forbidden,
// Policy (no mail server), Unavailable (the mail server is not there).
//
// The mail is sent first, and the row is written when a server has taken it: there is never an invitation without a mail, and nothing of
// the mail is kept, in which the secret stands. When the program ends in between, the mail has a link that does not work.
func (b *Bank) CreateUserInvitation(ctx context.Context, input models.CreateUserInvitationInput) (*models.UserInvitation, error) {
	invitation := input.UserInvitation()
	at := change{"createUserInvitation", auth.InviteUsers, models.Ref{BankID: input.BankID}, ""}
	send := func() error { return b.sendInvitation(ctx, invitation) }
	err := b.writeAfter(ctx, at, send, func(ctx context.Context, tx *db.Store, entry *models.AuditEntry) error {
		entry.Note(invitation, nil, invitation)
		return tx.InsertUserInvitation(ctx, invitation)
	})
	if err != nil {
		return nil, err
	}
	return invitation, nil
}

// sendInvitation checks an invitation, gives it its key and its secret, and sends the mail. After it the secret is forgotten.
func (b *Bank) sendInvitation(ctx context.Context, invitation *models.UserInvitation) (err error) {
	if b.post.Sender == nil {
		return models.Errorf(models.Policy, "This server sends no mail, and so cannot invite: its operator has named no mail server.").OBP("OBP-37081")
	}
	if err := invitation.Validate().Err(); err != nil {
		return err
	}
	bank, err := b.store.Bank(ctx, invitation.BankID)
	if err != nil {
		return err
	}
	if bank == nil {
		return models.Missing("Bank", invitation.BankID).OBP("OBP-30001")
	}
	if invitation.UserInvitationID, err = newUUID(); err != nil {
		return err
	}
	secret, err := models.NewSecret()
	if err != nil {
		return err
	}
	invitation.SecretHash = models.HashSecret(secret)
	message, err := b.post.invitationMail(bank, invitation, secret)
	if err != nil {
		return err
	}
	return mailOutcome(b.post.Sender.Send(ctx, message))
}

// mailOutcome is what a failure to send means to the caller.
func mailOutcome(err error) error {
	var meaning *models.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, mail.ErrRecipient):
		return models.Invalid("The mail server takes no mail for this address.", "input", "email")
	case errors.Is(err, mail.ErrUnavailable):
		meaning = models.Errorf(models.Unavailable, "The mail server is not there at the moment: nobody was invited. Try again.")
	default: // the sentence is for the log; mail says nothing in it that is secret
		meaning = models.Errorf(models.Internal, "%s", err.Error())
	}
	meaning.Err = err
	return meaning
}

// AcceptUserInvitation takes an invitation, once. One that was taken, that is over or that never was is NotFound, without a word of which.
func (b *Bank) AcceptUserInvitation(ctx context.Context, input models.AcceptUserInvitationInput) (*models.UserInvitation, error) {
	var accepted *models.UserInvitation
	at := change{"acceptUserInvitation", auth.AnyUser, models.Ref{BankID: input.BankID}, ""}
	err := b.write(ctx, at, func(tx *db.Store, entry *models.AuditEntry) (err error) {
		accepted, err = tx.AcceptUserInvitation(ctx, input.BankID, models.HashSecret(input.Secret), auth.Caller(ctx).User.UserID)
		if err != nil {
			return err
		}
		if accepted == nil {
			return models.Missing("UserInvitation", "of this secret").OBP("OBP-37883")
		}
		before := *accepted
		before.Status, before.AcceptedAt, before.AcceptedBy = models.InvitationStatusCreated, nil, nil
		entry.Note(accepted, &before, accepted)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return accepted, nil
}
