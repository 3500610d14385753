package bank

import (
	"context"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/ledger"
	"bankgraph/models"
)

// maxRequestAttributes is how many attributes a request may have: they come in a plain list.
const maxRequestAttributes = 50

// CreateTransactionRequestAttribute adds an attribute to a request. Refusals: BadInput (fields, a name that is taken), NotFound, Forbidden, Policy (too many).
func (b *Bank) CreateTransactionRequestAttribute(ctx context.Context, in models.CreateTransactionRequestAttributeInput) (*models.TransactionRequestAttribute, error) {
	attribute := &models.TransactionRequestAttribute{Name: in.Name, Type: in.Type, Value: in.Value}
	err := b.writeOfRequest(ctx, "createTransactionRequestAttribute", auth.CreateTransactionRequestAttributes, in.BankID, in.AccountID, in.TransactionRequestID,
		func(tx *db.Store, request *models.TransactionRequest, entry *models.AuditEntry) (err error) {
			if attribute.TransactionRequestAttributeID, err = newUUID(); err != nil {
				return err
			}
			attribute.BankID, attribute.AccountID, attribute.TransactionRequestID = request.BankID, request.AccountUUID, request.TransactionRequestID
			if err := mustBeDefined(ctx, tx, attribute); err != nil {
				return err
			}
			count, err := tx.TransactionRequestAttributeCount(ctx, request)
			if err != nil {
				return err
			}
			if count >= maxRequestAttributes {
				return models.Errorf(models.Policy, "The request has %d of these already, and may not have more.", count)
			}
			entry.Note(attribute, nil, attribute)
			return tx.InsertRow(ctx, attribute)
		})
	if err != nil {
		return nil, err
	}
	return attribute, nil
}

// UpdateTransactionRequestAttribute writes an attribute of a request anew. Refusals: BadInput (fields, a name that is taken), NotFound, Forbidden.
func (b *Bank) UpdateTransactionRequestAttribute(ctx context.Context, in models.UpdateTransactionRequestAttributeInput) (*models.TransactionRequestAttribute, error) {
	key, err := in.ID.As(models.KindTransactionRequestAttribute)
	if err != nil {
		return nil, models.Invalid(err.Error(), "input", "id")
	}
	var attribute *models.TransactionRequestAttribute
	err = b.writeOfRequest(ctx, "updateTransactionRequestAttribute", auth.UpdateTransactionRequestAttributes, in.BankID, in.AccountID, in.TransactionRequestID,
		func(tx *db.Store, request *models.TransactionRequest, entry *models.AuditEntry) (err error) {
			if attribute, err = db.Keyed[models.TransactionRequestAttribute](ctx, tx, request.BankID, key); err != nil {
				return err
			}
			if attribute == nil || attribute.TransactionRequestID != request.TransactionRequestID {
				return models.Missing("TransactionRequestAttribute", in.ID.String()).OBP("OBP-30078")
			}
			before := *attribute
			attribute.Name, attribute.Type, attribute.Value = in.Name, in.Type, in.Value
			if err := mustBeDefined(ctx, tx, attribute); err != nil {
				return err
			}
			entry.Note(attribute, &before, attribute)
			return tx.UpdateRow(ctx, attribute)
		})
	if err != nil || !auth.SeeTransactionRequestAttributes.Admits(ctx, attribute.Ref()) {
		return nil, err
	}
	return attribute, nil
}

// writeOfRequest writes what hangs from a request while it is locked: it must have been made at the account and the bank of the call.
func (b *Bank) writeOfRequest(ctx context.Context, action string, rule auth.Rule, bankID string, account, id models.ID,
	do func(tx *db.Store, request *models.TransactionRequest, entry *models.AuditEntry) error,
) error {
	accountID, err := account.As(models.KindAccount)
	if err != nil {
		return models.Invalid(err.Error(), "input", "accountId")
	}
	requestID, err := id.As(models.KindTransactionRequest)
	if err != nil {
		return models.Invalid(err.Error(), "input", "transactionRequestId")
	}
	return b.write(ctx, change{action, rule, models.Ref{BankID: bankID, Account: accountID}, id.String()}, func(tx *db.Store, entry *models.AuditEntry) error {
		request, err := tx.LockTransactionRequest(ctx, bankID, accountID, requestID)
		if err != nil {
			return err
		}
		if request == nil {
			return models.Missing("TransactionRequest", id.String()).OBP("OBP-40004")
		}
		return do(tx, request, entry)
	})
}

// remark is an attribute that a request gets with a turn, in the place of one of the same name, and the audit entry that tells of both.
type remark struct {
	attribute *models.TransactionRequestAttribute
	before    *models.TransactionRequestAttribute // nil when there is none
	entry     *models.AuditEntry
}

func newRemark(ctx context.Context, c change, request *models.TransactionRequest, name, value string) (*remark, error) {
	id, err := newUUID()
	if err != nil {
		return nil, err
	}
	entry, err := newAuditEntry(ctx, c, models.AuditOutcomeDone)
	return &remark{entry: entry, attribute: &models.TransactionRequestAttribute{
		TransactionRequestAttributeID: id, BankID: request.BankID, AccountID: request.AccountUUID, TransactionRequestID: request.TransactionRequestID,
		Name: name, Type: models.AttributeTypeString, Value: value,
	}}, err
}

func (r *remark) question() ledger.Question {
	return ledger.Question(db.AskAttributeOfRequest(r.attribute, func() { r.before = nil }, func(before *models.TransactionRequestAttribute) { r.before = before }))
}

// rowsOf are the rows of remarks, once it is known what they take the place of.
func rowsOf(remarks []*remark) ([]ledger.Row, error) {
	rows := make([]ledger.Row, 0, 2*len(remarks)) //nolint:mnd // each and its entry
	for _, r := range remarks {
		if written := *r.attribute; r.before == nil {
			r.entry.Note(&written, nil, &written)
		} else {
			written.TransactionRequestAttributeID = r.before.TransactionRequestAttributeID // the row stays, with another value
			r.entry.Note(&written, r.before, &written)
		}
		noted, err := db.AuditEntryRow(r.entry)
		if err != nil {
			return nil, err
		}
		rows = append(rows, ledger.Row(db.AttributeOfRequest(r.attribute)), ledger.Row(noted))
	}
	return rows, nil
}

// mustBeDefined refuses an attribute that is wrong by itself, or by what the bank says of its name.
func mustBeDefined(ctx context.Context, tx *db.Store, attribute *models.TransactionRequestAttribute) error {
	definition, err := tx.TransactionRequestAttributeDefinitionByName(ctx, attribute.BankID, attribute.Name)
	if err != nil {
		return err
	}
	return attribute.Validate(definition).Err()
}
