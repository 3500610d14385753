package bank

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/ledger"
	"bankgraph/models"
)

// side is one end of a payment of the past: an account, or the world outside.
type side struct {
	account      *models.Account // nil: outside
	counterparty uuid.UUID       // as whom the other end knows it; zero when it was not named so
}

// CreateHistoricalTransactionAtBank writes a payment of the past between two accounts of a bank. Refusals: BadInput (fields), NotFound (accounts), Forbidden,
// InsufficientFunds, KeyConflict, Policy.
func (b *Bank) CreateHistoricalTransactionAtBank(ctx context.Context, in models.CreateHistoricalTransactionAtBankInput) (models.ID, error) {
	c := change{"createHistoricalTransactionAtBank", auth.WriteHistoryAtBank, models.Ref{BankID: in.BankID}, ""}
	past := models.HistoricalPayment{
		IdempotencyKey: in.IdempotencyKey, Value: *in.Value, Description: in.Description, PostedAt: in.PostedAt, CompletedAt: in.CompletedAt, Type: in.Type,
		From:     &models.HistoricalPartyInput{Account: &models.PayeeAccountInput{BankID: in.BankID, AccountID: in.FromAccountID}},
		To:       &models.HistoricalPartyInput{Account: &models.PayeeAccountInput{BankID: in.BankID, AccountID: in.ToAccountID}},
		FromPath: []string{"fromAccountId"}, ToPath: []string{"toAccountId"},
	}
	return b.writeHistory(ctx, c, past)
}

// SaveHistoricalTransaction writes a payment of the past between any two sides. Refusals: as of CreateHistoricalTransactionAtBank.
func (b *Bank) SaveHistoricalTransaction(ctx context.Context, in models.SaveHistoricalTransactionInput) (models.ID, error) {
	c := change{"saveHistoricalTransaction", auth.WriteHistory, models.Ref{}, ""}
	past := models.HistoricalPayment{
		IdempotencyKey: in.IdempotencyKey, Value: *in.Value, Description: in.Description, PostedAt: in.PostedAt, CompletedAt: in.CompletedAt, Type: in.Type,
		From: in.From, To: in.To, FromPath: []string{"from"}, ToPath: []string{"to"},
	}
	return b.writeHistory(ctx, c, past)
}

func (b *Bank) writeHistory(ctx context.Context, c change, past models.HistoricalPayment) (id models.ID, err error) {
	err = c.rule.Allow(ctx, c.at)
	isAllowed := err == nil
	if isAllowed {
		if err = past.Validate().Err(); err == nil {
			id, err = b.postHistory(ctx, &c, past)
		}
	}
	return id, b.refused(ctx, c, isAllowed, err)
}

// postHistory has the ledger post it, with its key and an entry of the audit trail. The key is the caller's at what the input says of itself: whom a counterparty stands
// for may change, and to ask again must not be another payment for that.
func (b *Bank) postHistory(ctx context.Context, c *change, past models.HistoricalPayment) (models.ID, error) {
	if b.ledger == nil {
		return models.ID{}, errNoLedger
	}
	key := &models.IdempotencyKey{BankID: c.at.BankID, UserID: auth.Caller(ctx).User.UserID, Key: past.IdempotencyKey}
	var err error
	if key.RequestHash, err = hashOfPast(c.action, past); err != nil {
		return models.ID{}, err
	}
	known, err := b.store.IdempotencyKey(ctx, key)
	if err == nil && known == nil {
		known, err = b.orderHistory(ctx, c, past, key)
	}
	if err != nil {
		return models.ID{}, inInput(err)
	}
	return models.ID{Kind: models.KindTransaction, UUID: known.ObjectID}, mustRepeat(key, known)
}

// orderHistory is what the key stands for: the payment that it has made, or the one of somebody who was faster.
func (b *Bank) orderHistory(ctx context.Context, c *change, past models.HistoricalPayment, key *models.IdempotencyKey) (*models.IdempotencyKey, error) {
	payment, home, err := b.paymentOfPast(ctx, past)
	if err != nil {
		return nil, err
	}
	c.at, key.ObjectID = home.Ref(), payment.TransactionID
	audit, err := newAuditEntry(ctx, *c, models.AuditOutcomeDone)
	if err != nil {
		return nil, err
	}
	audit.NoteNamed(models.ID{Kind: models.KindTransaction, UUID: payment.TransactionID}.String(), nil, &past)
	var known *models.IdempotencyKey
	_, err = b.ledger.Do(ctx, ledger.Order{
		Deed: payment, Key: fmt.Sprintf("%s %s %s %s", key.BankID, key.AccountID, key.UserID, key.Key),
		Questions: []ledger.Question{ledger.Question(db.AskKey(key, func(at time.Time, used *models.IdempotencyKey) { key.MadeAt, known = at, used }))},
		Decide: func() ([]ledger.Row, error) {
			if known != nil {
				return nil, errReplayed
			}
			noted, err := db.AuditEntryRow(audit)
			return []ledger.Row{ledger.Row(b.store.LedgerRowOf(key)), ledger.Row(noted)}, err
		},
	})
	if errors.Is(err, errReplayed) {
		return known, nil
	}
	return key, err
}

func hashOfPast(action string, past models.HistoricalPayment) ([]byte, error) {
	past.IdempotencyKey = ""
	past.Value.Amount = models.NewMoney(past.Value.Amount, past.Value.Currency).Amount
	written, err := json.Marshal(past)
	if err != nil {
		return nil, fmt.Errorf("write an input: %w", err)
	}
	hash := sha256.Sum256(append([]byte(action+"\n"), written...))
	return hash[:], nil
}

// paymentOfPast is the payment, and the account at which it is told of: that of the payer, or of the payee when the payer is outside.
func (b *Bank) paymentOfPast(ctx context.Context, past models.HistoricalPayment) (*ledger.Payment, *models.Account, error) {
	from, err := b.sideOf(ctx, past.From)
	if err != nil {
		return nil, nil, err
	}
	to, err := b.sideOf(ctx, past.To)
	if err != nil {
		return nil, nil, err
	}
	home := from.account
	if home == nil {
		home = to.account
	}
	if home == nil {
		return nil, nil, models.Errorf(models.Policy, "One of the two sides must have an account here.")
	}
	for _, one := range []side{from, to} {
		if one.account != nil && one.account.Currency != past.Value.Currency {
			return nil, nil, models.Invalid("This must be the currency of the accounts.", "input", "value", "currency").OBP("OBP-40003")
		}
	}
	id, err := newUUID()
	if err != nil {
		return nil, nil, err
	}
	return &ledger.Payment{
		TransactionID: id, Type: past.Type, Description: past.Description, Payer: from.party(home), Payee: to.party(home), Amount: past.Value.Amount,
		Currency: past.Value.Currency, PostedAt: past.PostedAt, CompletedAt: past.CompletedAt, PayerCounterparty: from.counterparty, PayeeCounterparty: to.counterparty,
	}, home, nil
}

// party is the side as the ledger knows it; what is outside is reached through the bank of the other side.
func (s side) party(home *models.Account) ledger.Party {
	if s.account == nil {
		return ledger.Outside(home.BankID)
	}
	return ledger.Of(s.account)
}

func (b *Bank) sideOf(ctx context.Context, in *models.HistoricalPartyInput) (side, error) {
	if in.Account != nil {
		account, err := b.payeeAccount(ctx, in.Account)
		return side{account: account}, err
	}
	counterparty, err := b.store.CounterpartyOfAny(ctx, in.CounterpartyID.UUID)
	if err != nil {
		return side{}, err
	}
	if counterparty == nil {
		return side{}, models.Missing("Counterparty", in.CounterpartyID.String()).OBP("OBP-30017")
	}
	account, err := accountOf(ctx, b.store, counterparty)
	return side{account, counterparty.CounterpartyID}, err
}
