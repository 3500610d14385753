package bank

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/ledger"
	"bankgraph/models"
)

// CreateTransactionRequest asks to pay from an account. Refusals: BadInput (fields), NotFound (account, counterparty, transaction), Forbidden, InsufficientFunds,
// LimitExceeded, KeyConflict, Policy. The same key with the same input is the same request again.
func (b *Bank) CreateTransactionRequest(ctx context.Context, in models.CreateTransactionRequestInput) (*models.TransactionRequest, error) {
	account, err := in.AccountID.As(models.KindAccount)
	if err != nil {
		return nil, models.Invalid(err.Error(), "input", "accountId")
	}
	kind, isKnown := paymentKinds[in.Payee.Type()]
	if !isKnown {
		return nil, models.Invalid("Name a payee.", "input", "payee")
	}
	c := change{"createTransactionRequest", kind.rule, models.Ref{BankID: in.BankID, Account: account}, in.AccountID.String()}
	var request *models.TransactionRequest
	err = c.rule.Allow(ctx, c.at)
	isAllowed := err == nil
	if isAllowed {
		if err = in.Validate(kind.mayChoosePolicy, kind.mayWait).Err(); err == nil {
			request, err = b.ask(ctx, c, &in)
		}
	}
	return request, b.refused(ctx, c, isAllowed, err)
}

// Why an order is not done that was begun.
var (
	errAgain    = errors.New("bank: something that was looked up has changed meanwhile") // look it up again
	errReplayed = errors.New("bank: the key was used for this request before")
)

// maxLooks is how often a payee is looked up whom others change meanwhile.
const maxLooks = 3

// ask is a request of a caller who may ask for it. What the key came to is asked first, so that whoever asks again is answered whatever has changed since.
func (b *Bank) ask(ctx context.Context, c change, in *models.CreateTransactionRequestInput) (*models.TransactionRequest, error) {
	hashes := b.hashesOf(c.action, in)
	key := &models.IdempotencyKey{
		BankID: in.BankID, AccountID: c.at.Account, UserID: auth.Caller(ctx).User.UserID, Key: in.IdempotencyKey, RequestHash: hashes[0],
	}
	ground, err := b.store.RequestGround(ctx, key, in.Accounts())
	if err != nil {
		return nil, err
	}
	known := ground.Key
	for look := 1; known == nil; look++ {
		p, err := b.propose(ctx, in, ground)
		if err != nil {
			return nil, err
		}
		request, used, err := b.order(ctx, c, key, p)
		switch {
		case errors.Is(err, errReplayed):
			known = used
		case errors.Is(err, errAgain) && look < maxLooks:
			ground = nil // it is old
		default:
			return request, b.mayKnow(ctx, p, err)
		}
	}
	if err := mustRepeat(key, known, hashes[1:]...); err != nil {
		return nil, err
	}
	request, err := b.store.TransactionRequest(ctx, key.BankID, known.ObjectID)
	if err == nil && request == nil {
		err = fmt.Errorf("bank: the request %s of a key is not there", known.ObjectID)
	}
	return request, err
}

// mustRepeat refuses a key that was used with another input, which none of the hashes is of: that of the key, or an earlier one.
func mustRepeat(key, known *models.IdempotencyKey, earlier ...[]byte) error {
	if string(key.RequestHash) == string(known.RequestHash) {
		return nil
	}
	if slices.ContainsFunc(earlier, func(hash []byte) bool { return string(hash) == string(known.RequestHash) }) {
		return nil
	}
	refusal := models.Errorf(models.KeyConflict, "This key was used with another input: use a new one.")
	refusal.UsedAt = known.MadeAt
	return refusal
}

// hashesOf are what an input comes to, without its key: the same for all ways to write the same. The number of a card is in it by its keyed hash only, so that there
// is a hash for each key that is still believed, that of the key in use first. Its check value is not in it: by a key that was used it could be guessed.
func (b *Bank) hashesOf(action string, in *models.CreateTransactionRequestInput) [][]byte {
	same := *in
	same.IdempotencyKey = ""
	value := *in.Value
	value.Amount = models.NewMoney(value.Amount, value.Currency).Amount
	same.Value = &value
	if in.Payee.Card == nil {
		return [][]byte{hashOf(action, &same)}
	}
	keys := b.cards.Keys
	if len(keys) == 0 {
		keys = [][]byte{nil} // no card is right then, and the refusal is said later
	}
	var hashes [][]byte
	for _, key := range keys {
		card := *in.Payee.Card
		card.CardNumber, card.Cvv = hex.EncodeToString(numberHash(key, card.CardNumber)), ""
		same.Payee = &models.PayeeInput{Card: &card}
		hashes = append(hashes, hashOf(action, &same))
	}
	return hashes
}

func hashOf(action string, in *models.CreateTransactionRequestInput) []byte {
	written, err := json.Marshal(in)
	if err != nil {
		panic(fmt.Sprintf("an input is no JSON: %v", err)) // it came as JSON
	}
	hash := sha256.Sum256(append([]byte(action+"\n"), written...))
	return hash[:]
}

// order has the ledger do what is proposed, with the rows that tell of it. With errReplayed it is what the key was used for.
func (b *Bank) order(ctx context.Context, c change, key *models.IdempotencyKey, p *proposal) (*models.TransactionRequest, *models.IdempotencyKey, error) {
	if b.ledger == nil {
		return nil, nil, errNoLedger
	}
	o := &ordering{b: b, proposal: p, key: key, change: c}
	if err := o.begin(ctx); err != nil {
		return nil, nil, err
	}
	_, err := b.ledger.Do(ctx, ledger.Order{
		Deed: o.deed(), Key: fmt.Sprintf("%s %s %s %s", key.BankID, key.AccountID, key.UserID, key.Key),
		Questions: o.questions(), Tallies: o.tallies(), Decide: o.decide, Last: func() []ledger.Row { return newsRows(o.news()) },
	})
	if err != nil {
		return nil, o.used, inInput(err)
	}
	if o.needsChallenge {
		b.outbox.Wake()
	}
	b.wake(o.news()...)
	return o.written, nil, nil
}

// ordering is a request on its way through the ledger.
type ordering struct {
	*proposal

	b      *Bank
	key    *models.IdempotencyKey
	change change
	audit  *models.AuditEntry
	noted  *models.AuditEntry // of the new counterparty, if there is one
	day    *ledger.Tally
	refund *ledger.Tally
	made   []*newChallenge
	codes  *codeLimits     // of those
	makes  []*ledger.Tally // a counterparty of this address, and one of this name

	// What the questions were answered, under the locks.
	at       time.Time
	used     *models.IdempotencyKey
	paid     decimal.Decimal // on the day, by requests of the type
	paidOn   time.Time       // that day
	promised decimal.Decimal // of the original, by other refunds
	isKnown  bool            // the counterparty that was to be made, by its address
	isNamed  bool            // another one has its name

	written *models.TransactionRequest
}

// begin fills in what the request has beyond the proposal: identifiers, who asks, and what becomes of it when it is done.
func (o *ordering) begin(ctx context.Context) (err error) {
	request, caller := o.request, auth.Caller(ctx)
	if request.TransactionRequestID, err = newUUID(); err != nil {
		return err
	}
	request.UserUUID, request.ClientID = caller.User.UserID, caller.ClientID
	id, err := newUUID()
	if err != nil {
		return err
	}
	switch isLater := o.in.FutureDate != nil; {
	case o.needsChallenge:
		request.Status, request.ReservationID, request.ReservedAmount = models.TransactionRequestStatusInitiated, &id, decimal.NewNullDecimal(o.sums.Debited)
		if o.made, err = o.b.newChallenges(ctx, o.proposal); err != nil {
			return err
		}
		o.codes = o.b.newCodeLimits(o.proposal, o.made)
	case isLater:
		request.Status = models.TransactionRequestStatusPending
	default:
		request.Status, request.TransactionUUID = models.TransactionRequestStatusCompleted, &id
	}
	if o.terms.DailyLimit() != nil {
		o.day = &ledger.Tally{Add: request.Amount}
	}
	if request.OriginalUUID != nil {
		o.refund = &ledger.Tally{Key: "refund of " + request.OriginalUUID.String(), Add: request.Amount}
	}
	if o.newCounterparty != nil {
		if o.noted, err = newAuditEntry(ctx, o.change, models.AuditOutcomeDone); err != nil {
			return err
		}
		o.noted.Note(o.newCounterparty, nil, o.newCounterparty)
		of := o.newCounterparty
		for _, key := range []string{of.AccountScheme + " " + of.AccountAddress, "named " + of.NameKey} {
			o.makes = append(o.makes, &ledger.Tally{Key: fmt.Sprintf("counterparty of %s %s %s", of.BankID, of.AccountID, key), Add: decimal.New(1, 0)})
		}
	}
	o.audit, err = newAuditEntry(ctx, o.change, models.AuditOutcomeDone)
	return err
}

func (o *ordering) deed() ledger.Deed {
	switch o.request.Status { //nolint:exhaustive // a request begins in one of three
	case models.TransactionRequestStatusInitiated:
		payment := paymentOf(o.request)
		payment.TransactionID = *o.request.ReservationID // it must have one, and is not made yet
		return &ledger.Reserve{ReservationID: *o.request.ReservationID, Payment: payment}
	case models.TransactionRequestStatusPending:
		return &ledger.Keep{Account: ledger.Of(o.payer)}
	}
	return paymentOf(o.request)
}

func (o *ordering) questions() []ledger.Question {
	questions := []ledger.Question{ledger.Question(db.AskKey(o.key, func(at time.Time, used *models.IdempotencyKey) { o.at, o.used = at, used }))}
	if o.day != nil {
		questions = append(questions, ledger.Question(db.AskDay(o.request, o.in.FutureDate, func(on time.Time, total decimal.Decimal) { o.paidOn, o.paid = on, total })))
		o.day.Key = fmt.Sprintf("%s of %s %s on %s", o.request.Type, o.request.PayerBankID, o.request.PayerUUID, o.request.ExecuteOn.Format(time.DateOnly))
	}
	if o.refund != nil {
		questions = append(questions, ledger.Question(db.AskRefunds(o.request, func(sum decimal.Decimal) { o.promised = sum })))
	}
	if o.codes != nil {
		questions = append(questions, o.codes.questions(o.request)...)
	}
	if o.newCounterparty != nil {
		question := ledger.Question(db.AskCounterparty(o.newCounterparty, func(isAddress bool) { o.isKnown, o.isNamed = o.isKnown || isAddress, true }))
		question.Begin = func() { o.isKnown, o.isNamed = false, false }
		questions = append(questions, question)
	}
	return questions
}

func (o *ordering) tallies() (tallies []*ledger.Tally) {
	all := append([]*ledger.Tally{o.day, o.refund}, o.makes...)
	if o.codes != nil {
		all = append(all, o.codes.tallies()...)
	}
	for _, tally := range all {
		if tally != nil {
			tallies = append(tallies, tally)
		}
	}
	return tallies
}

// decide is called under the locks.
func (o *ordering) decide() ([]ledger.Row, error) {
	switch {
	case o.used != nil:
		return nil, errReplayed
	case o.isKnown, slices.ContainsFunc(o.makes, func(tally *ledger.Tally) bool { return tally.Before.IsPositive() }):
		return nil, errAgain
	case o.isNamed:
		return nil, models.Invalid("The account has a counterparty with this name.", "input", "payee", "simple", "name").OBP("OBP-30014")
	}
	today := models.Day(o.at)
	if o.in.FutureDate != nil && !o.request.ExecuteOn.After(today) {
		return nil, models.Invalid("This must be after today, in UTC.", "input", "futureDate")
	}
	written := *o.request
	written.StartedAt = o.at
	if o.in.FutureDate == nil {
		written.ExecuteOn = today
	}
	if o.day != nil && !o.paidOn.Equal(written.ExecuteOn) {
		return nil, errAgain // it was midnight between two questions
	}
	if err := o.mayGo(today); err != nil {
		return nil, err
	}
	if written.Status.IsFinal() {
		written.EndedAt = &o.at
	}
	o.written = &written
	o.audit.Note(&written, nil, &written)
	o.key.ObjectID, o.key.MadeAt = written.TransactionRequestID, o.at
	store := o.b.store
	audit, err := db.AuditEntryRow(o.audit)
	if err != nil {
		return nil, err
	}
	rows := []ledger.Row{ledger.Row(store.LedgerRowOf(o.key))}
	if o.newCounterparty != nil {
		noted, err := db.AuditEntryRow(o.noted)
		if err != nil {
			return nil, err
		}
		rows = append(rows, ledger.Row(store.LedgerRowOf(o.newCounterparty, "created_at")), ledger.Row(noted))
	}
	rows = append(rows, ledger.Row(store.LedgerRowOf(&written)), ledger.Row(store.LedgerRowOf(written.Event(&written.UserUUID, o.at))), ledger.Row(db.AddToDay(&written)), ledger.Row(audit))
	for _, challenge := range o.made {
		rows = append(rows, challenge.rows(store, o.at)...)
	}
	return rows, nil
}

// news are what those are told who follow the account, and those who are asked.
func (o *ordering) news() []*models.Event {
	news := o.written.News(o.at)
	for _, challenge := range o.made {
		news = append(news, o.written.ChallengeNews(challenge.kept.UserID, challenge.kept.ChallengeID, models.EventKindChallengeCreated, o.at))
	}
	return news
}

// mayGo puts the limit of a day to it, for a refund what is left of the original, and how many codes may be sent.
func (o *ordering) mayGo(today time.Time) error {
	if o.day != nil {
		limit := o.terms.DailyLimit()
		if o.paid.Add(o.day.Before).Add(o.request.Amount).GreaterThan(limit.Amount) {
			refusal := models.Errorf(models.LimitExceeded, "With this, the payments of the day would be more than they may be together.").OBP("OBP-10035")
			day := today
			if o.in.FutureDate != nil {
				day = o.request.ExecuteOn
			}
			refusal.Limit, refusal.Window, refusal.ResetsAt = limit, "a day, in UTC", endOf(day)
			return refusal
		}
	}
	if o.refund != nil && o.promised.Add(o.refund.Before).Add(o.request.Amount).GreaterThan(o.refundable) {
		return models.Errorf(models.Policy, "The refunds of a transaction add up to at most its amount.").OBP("OBP-30068")
	}
	if o.codes != nil {
		return o.codes.allow()
	}
	return nil
}
