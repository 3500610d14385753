package bank

import (
	"context"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// maxDefinitions is how many definitions a bank may have: they come in a plain list.
const maxDefinitions = 100

// CreateOrUpdateTransactionRequestAttributeDefinition writes a definition, anew when the bank has one with its name. Refusals: BadInput (fields), NotFound
// (bank), Forbidden, Policy (too many). The bank is locked, so that of two at once the second sees what the first has written.
func (b *Bank) CreateOrUpdateTransactionRequestAttributeDefinition(
	ctx context.Context, in models.CreateOrUpdateTransactionRequestAttributeDefinitionInput,
) (*models.TransactionRequestAttributeDefinition, error) {
	var definition *models.TransactionRequestAttributeDefinition
	at := change{"createOrUpdateTransactionRequestAttributeDefinition", auth.CreateTransactionRequestAttributeDefinitions, models.Ref{BankID: in.BankID}, ""}
	err := b.write(ctx, at, func(tx *db.Store, entry *models.AuditEntry) error {
		if err := lockBank(ctx, tx, in.BankID); err != nil {
			return err
		}
		views, err := tx.AccountViewIDs(ctx)
		if err != nil {
			return err
		}
		definition = in.Definition()
		if err := definition.Validate(views).Err(); err != nil {
			return err
		}
		before, err := tx.TransactionRequestAttributeDefinitionByName(ctx, in.BankID, in.Name)
		if err != nil {
			return err
		}
		if before != nil {
			definition.AttributeDefinitionID, definition.CreatedAt, definition.UpdatedAt = before.AttributeDefinitionID, before.CreatedAt, before.UpdatedAt
			entry.Note(definition, before, definition)
			return tx.UpdateRow(ctx, definition)
		}
		return addDefinition(ctx, tx, entry, definition)
	})
	if err != nil {
		return nil, err
	}
	return definition, nil
}

func addDefinition(ctx context.Context, tx *db.Store, entry *models.AuditEntry, definition *models.TransactionRequestAttributeDefinition) error {
	count, err := tx.TransactionRequestAttributeDefinitionCount(ctx, definition.BankID)
	if err != nil {
		return err
	}
	if count >= maxDefinitions {
		return models.Errorf(models.Policy, "The bank has %d of these already, and may not have more.", count)
	}
	if definition.AttributeDefinitionID, err = newUUID(); err != nil {
		return err
	}
	entry.Note(definition, nil, definition)
	return tx.InsertRow(ctx, definition)
}

// DeleteTransactionRequestAttributeDefinition removes a definition. Refusals: BadInput (identifier), NotFound (also one of another bank), Forbidden.
func (b *Bank) DeleteTransactionRequestAttributeDefinition(ctx context.Context, in models.DeleteTransactionRequestAttributeDefinitionInput) error {
	id, err := in.ID.As(models.KindAttributeDefinition)
	if err != nil {
		return models.Invalid(err.Error(), "input", "id")
	}
	at := change{"deleteTransactionRequestAttributeDefinition", auth.DeleteTransactionRequestAttributeDefinitions, models.Ref{BankID: in.BankID}, in.ID.String()}
	return b.write(ctx, at, func(tx *db.Store, entry *models.AuditEntry) error {
		if err := lockBank(ctx, tx, in.BankID); err != nil {
			return err
		}
		definition, err := db.Keyed[models.TransactionRequestAttributeDefinition](ctx, tx, in.BankID, id)
		if err != nil {
			return err
		}
		if definition == nil {
			return models.Missing("TransactionRequestAttributeDefinition", in.ID.String()).OBP("OBP-30071")
		}
		entry.Note(definition, definition, nil)
		return tx.DeleteRow(ctx, definition)
	})
}
