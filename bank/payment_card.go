package bank

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// CardPurpose is what the keys are for by which payment cards are known.
const CardPurpose = "payment cards"

// Cards is how payment cards are known. The zero Cards know none.
type Cards struct {
	Keys [][]byte // the one in use first; those after it are still believed
}

// WithCards is the bank that knows payment cards by these keys.
func (b *Bank) WithCards(cards Cards) *Bank {
	with := *b
	with.cards = cards
	return &with
}

// errCard is all that is said of a card that cannot pay, whatever is wrong with it.
func errCard() error {
	return models.Errorf(models.Policy, "This card cannot be used for this payment.").OBP("OBP-30200")
}

// NewCard is a card to be known.
type NewCard struct {
	Account                 *models.Account
	Number, CVV             string
	Brand, NameOnCard       string
	ExpiryYear, ExpiryMonth int
}

// AddCard makes a payment card known, and asks nobody: it is what the bank's card system does, beside the graph.
func (b *Bank) AddCard(ctx context.Context, card NewCard) (*models.PaymentCard, error) {
	if len(b.cards.Keys) == 0 || !models.IsCardNumber(card.Number) {
		return nil, errCard()
	}
	id, err := newUUID()
	if err != nil {
		return nil, err
	}
	key := b.cards.Keys[0]
	row := &models.PaymentCard{
		PaymentCardID: id, BankID: card.Account.BankID, AccountID: card.Account.AccountID, LastFour: card.Number[len(card.Number)-4:],
		NumberHash: numberHash(key, card.Number), CVVHash: cvvHash(key, card.Number, card.CVV), Brand: card.Brand, NameOnCard: card.NameOnCard,
		ExpiresOn: lastDay(card.ExpiryYear, card.ExpiryMonth),
	}
	return row, b.store.InTx(ctx, func(tx *db.Store) error { return tx.InsertRow(ctx, row) })
}

// maxCardTries is how often a day a card may be wrong on an account. The check value has three digits.
const maxCardTries = 5

// provenCard is the card of an account that an input describes, when it is right. Each wrong one is counted before it is compared, and stands in the audit trail; after
// too many of a day none is compared. The right one begins the count anew.
func (b *Bank) provenCard(ctx context.Context, account *models.Account, in *models.PayeeCardInput, today time.Time) (*models.PaymentCard, error) {
	isClaimed := false
	err := b.store.InTx(ctx, func(tx *db.Store) (err error) {
		isClaimed, err = tx.ClaimCardTry(ctx, account, maxCardTries)
		return err
	})
	if err != nil {
		return nil, err
	}
	wrong := change{"createTransactionRequest", auth.AddTransactionRequests, account.Ref(), account.ID().String()}
	if !isClaimed {
		if err := b.denied(ctx, wrong, models.AuditOutcomeDenied); err != nil {
			return nil, err
		}
		return nil, errCard()
	}
	card, err := b.cardOf(ctx, account, in, today)
	if models.CodeOf(err) != models.Policy {
		if err == nil {
			err = b.store.ForgetCardTries(ctx, account)
		}
		return card, err
	}
	entry, failure := newAuditEntry(ctx, wrong, models.AuditOutcomeDenied)
	if failure != nil {
		return nil, failure
	}
	entry.Deny(wrong.object)
	if failure := b.record(ctx, entry); failure != nil {
		return nil, failure // a try that cannot be recorded is a fault, not a refusal
	}
	return nil, err
}

// cardOf is the card of an account that an input describes. Everything is compared whatever is wrong, so that neither the refusal nor its time tells what it was.
func (b *Bank) cardOf(ctx context.Context, account *models.Account, in *models.PayeeCardInput, today time.Time) (*models.PaymentCard, error) {
	hashes, checks := [][]byte{make([]byte, sha256.Size)}, [][]byte{make([]byte, sha256.Size)}
	for _, key := range b.cards.Keys {
		hashes, checks = append(hashes, numberHash(key, in.CardNumber)), append(checks, cvvHash(key, in.CardNumber, in.Cvv))
	}
	card, err := b.store.CardOfAccount(ctx, account.BankID, account.AccountID, hashes[1:])
	if err != nil {
		return nil, err
	}
	isKnown := card != nil
	if !isKnown {
		card = &models.PaymentCard{}
	}
	isRight := false
	for i := range hashes {
		isNumber, isChecked := hmac.Equal(hashes[i], card.NumberHash), hmac.Equal(checks[i], card.CVVHash)
		isRight = isRight || isNumber && isChecked
	}
	isNamed := hmac.Equal([]byte(cardWord(in.Brand)), []byte(cardWord(card.Brand)))
	isHolder := hmac.Equal([]byte(cardWord(in.NameOnCard)), []byte(cardWord(card.NameOnCard)))
	isDated := lastDay(in.ExpiryYear, in.ExpiryMonth).Equal(card.ExpiresOn) && !card.ExpiresOn.Before(today)
	isDated = isDated && in.ExpiryMonth >= 1 && in.ExpiryMonth <= 12 // Go takes the 18th month, too
	isNumber := models.IsCardNumber(in.CardNumber)
	if !isKnown || !isRight || !isNamed || !isHolder || !isDated || !isNumber {
		return nil, errCard()
	}
	return card, nil
}

// cardWord is a word of a card as it is compared: people do not mind letter case and blanks.
func cardWord(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }

// lastDay is the last day of a month.
func lastDay(year, month int) time.Time {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC)
}

func numberHash(key []byte, number string) []byte { return cardHash(key, "number", number) }

// cvvHash is bound to the number: three digits alone would be guessed by whoever has the key's outcome for one card.
func cvvHash(key []byte, number, cvv string) []byte { return cardHash(key, "cvv", number, cvv) }

func cardHash(key []byte, parts ...string) []byte {
	mac := hmac.New(sha256.New, key)
	for _, part := range parts {
		_, _ = mac.Write([]byte(hex.EncodeToString([]byte(part)) + "\n")) // a hash takes everything
	}
	return mac.Sum(nil)
}
