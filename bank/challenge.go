package bank

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/ledger"
	"bankgraph/models"
)

const (
	// requiredAnswers is the attribute of an account that says how many users must approve what it pays.
	requiredAnswers = "REQUIRED_CHALLENGE_ANSWERS"
	// maxChallengers is how many users of an account are asked at most.
	maxChallengers = 50
)

// asked is who has to approve a request, and how.
type asked struct {
	method     models.ChallengeMethod
	users      []*models.Challenger
	permission string // what they need on the account that pays, when they hold no role
}

// askWhom says who has to approve a request: the caller alone, or as many of those who may pay anybody from the account as its attribute says. A refund that is asked of somebody is approved by
// them. What nobody could ever approve is refused.
func (b *Bank) askWhom(ctx context.Context, p *proposal) error {
	var err error
	if p.asked.method, err = b.methodFor(p.terms); err != nil {
		return err
	}
	values, err := b.store.AttributeValues(ctx, p.ground, p.payer, requiredAnswers)
	if err != nil {
		return err
	}
	quorum, err := quorumOf(values)
	if err != nil {
		return err
	}
	p.request.RequiredAnswers = quorum
	if isOwn := p.payer.Is(p.account.BankID, &p.account.AccountID); quorum == 1 && isOwn {
		return b.askCaller(ctx, p)
	}
	p.asked.permission = models.CanAddTransactionRequestToAnyAccount
	eligible, err := b.store.Challengers(ctx, p.ground, p.payer, p.asked.permission, maxChallengers+1)
	if err != nil {
		return err
	}
	if len(eligible) > maxChallengers {
		return models.Errorf(models.Policy, "More than %d users may approve what the account pays: nobody can ask them all.", maxChallengers)
	}
	for _, user := range eligible {
		if _, isReached := p.asked.recipient(user); isReached {
			p.asked.users = append(p.asked.users, user)
		}
	}
	if len(p.asked.users) < quorum {
		return models.Errorf(models.Policy, "The account takes the approval of %d users, and there are not as many who may give it and can be reached.", quorum)
	}
	return nil
}

// askCaller has the caller approve what they ask for.
func (b *Bank) askCaller(ctx context.Context, p *proposal) error {
	caller := auth.Caller(ctx)
	p.asked.permission = p.kind.rule.Permission
	if p.asked.permission != "" && auth.PayAnybody.Admits(ctx, p.account.Ref()) {
		p.asked.permission = models.CanAddTransactionRequestToAnyAccount
	}
	user := &models.Challenger{UserID: caller.User.UserID, Username: caller.User.Username, Email: caller.User.Email}
	if p.asked.method == models.ChallengeMethodSms {
		var err error
		if user, err = b.store.ChallengerOn(ctx, p.ground, caller.User.UserID); err != nil || user == nil {
			return err
		}
	}
	if _, isReached := p.asked.recipient(user); !isReached {
		return models.Errorf(models.Policy, "This must be approved by a code, and nothing is known of you where it could be sent by %s.", p.asked.method)
	}
	p.asked.users = []*models.Challenger{user}
	return nil
}

// quorumOf reads how many answers an account takes: one when it says nothing.
func quorumOf(values []string) (int, error) {
	switch len(values) {
	case 0:
		return 1, nil
	case 1:
		if quorum, err := strconv.Atoi(values[0]); err == nil && quorum >= 1 {
			return quorum, nil
		}
	}
	return 0, models.Errorf(models.Policy, "The account's attribute %s is no number of users: the bank has to correct it before anything can be approved.", requiredAnswers)
}

// codeKinds are the messages by which codes leave.
var codeKinds = map[models.ChallengeMethod]models.OutboxMessageKind{
	models.ChallengeMethodEmail: models.OutboxMessageKindChallengeCodeEmail, models.ChallengeMethodSms: models.OutboxMessageKindChallengeCodeSms,
}

// methodFor is the way of the codes of requests on these terms, and a refusal when this server has no such way.
func (b *Bank) methodFor(terms *models.TransactionRequestTerms) (models.ChallengeMethod, error) {
	method := b.challenges.Method
	if terms.ChallengeMethod != nil {
		method = *terms.ChallengeMethod
	}
	return method, b.mustSend(method)
}

// mustSend refuses a way that this server has not.
func (b *Bank) mustSend(method models.ChallengeMethod) error {
	can := b.challenges.AllowDummy
	if method != models.ChallengeMethodDummy {
		can = b.outbox.CanDeliver(codeKinds[method])
	}
	if len(b.challenges.Keys) == 0 {
		return models.Errorf(models.Policy, "This must be approved by a code, and this server has no secret to make codes with.").OBP("OBP-10030")
	}
	if !can {
		return models.Errorf(models.Policy, "This must be approved by a code, and this server cannot send one by %s.", method).OBP("OBP-10030")
	}
	return nil
}

// recipient is where a user gets codes; false when nowhere.
func (a asked) recipient(user *models.Challenger) (string, bool) {
	switch address := (map[models.ChallengeMethod]*string{models.ChallengeMethodEmail: user.Email, models.ChallengeMethodSms: user.PhoneNumber})[a.method]; {
	case a.method == models.ChallengeMethodDummy:
		return "", true
	case address == nil:
		return "", false
	default:
		return *address, true
	}
}

// newChallenge is a challenge that is to be written, and the message with its code, nil when none is sent.
type newChallenge struct {
	kept    *models.KeptChallenge
	message *models.OutboxMessage
	by      *models.TransactionRequest
}

// newChallenges are those of a request that is to be made.
func (b *Bank) newChallenges(ctx context.Context, p *proposal) ([]*newChallenge, error) {
	from, err := b.senderOf(ctx, b.store, p.request, p.asked.method)
	if err != nil {
		return nil, err
	}
	made := make([]*newChallenge, len(p.asked.users))
	for i, user := range p.asked.users {
		id, err := newUUID()
		if err != nil {
			return nil, err
		}
		r := p.request
		kept := &models.KeptChallenge{
			ChallengeID: id, BankID: r.BankID, AccountID: r.AccountUUID, TransactionRequestID: r.TransactionRequestID, UserID: user.UserID, Permission: p.asked.permission,
			Method: p.asked.method, Status: models.ChallengeStatusOpen, MaxAttempts: p.terms.ChallengeAttempts, Lifetime: p.terms.ChallengeLifetime, EventCount: 1,
		}
		recipient, _ := p.asked.recipient(user)
		made[i] = &newChallenge{kept: kept, by: r}
		if made[i].message, err = b.setCode(r, kept, letter{from, user.Username, recipient}); err != nil {
			return nil, err
		}
	}
	return made, nil
}

// letter is from whom a code comes, and to whom it goes.
type letter struct{ bankName, username, recipient string }

// senderOf is the name of the bank that sends the codes of a request; empty when none are sent.
func (*Bank) senderOf(ctx context.Context, tx *db.Store, r *models.TransactionRequest, method models.ChallengeMethod) (string, error) {
	if method == models.ChallengeMethodDummy {
		return "", nil
	}
	bank, err := tx.Bank(ctx, r.PayerBankID)
	if err == nil && bank == nil {
		err = models.Missing("Bank", r.PayerBankID).OBP("OBP-30001")
	}
	if err != nil {
		return "", err
	}
	return bank.FullName, nil
}

// setCode gives a challenge a new code, and is the message with it.
func (b *Bank) setCode(r *models.TransactionRequest, kept *models.KeptChallenge, to letter) (*models.OutboxMessage, error) {
	code, nonce, err := newCode(kept.Method)
	if err != nil {
		return nil, err
	}
	kept.Nonce = nonce
	kept.CodeHash = codeHash(b.challenges.Keys[0], r, kept, code)
	if kept.Method == models.ChallengeMethodDummy {
		return nil, nil
	}
	id, err := newUUID()
	if err != nil {
		return nil, err
	}
	message := db.ChallengeCode(codeKinds[kept.Method], r.PayerBankID, id, kept.ChallengeID, kept.UserID, to.recipient, kept.ExpiresAt, to.payload(r))
	if err := b.outbox.SealCode(message, code); err != nil {
		return nil, fmt.Errorf("seal a code: %w", err)
	}
	return message, nil
}

// payload is what the letter says that its code approves.
func (l letter) payload(r *models.TransactionRequest) models.OutboxPayload {
	payload := models.OutboxPayload{
		BankName: l.bankName, Name: l.username, Amount: models.FormatDecimal(r.Value().Amount), Currency: r.Currency, PayeeAddress: models.Text(r.PayeeAddress), Payee: models.Text(r.PayeeName),
	}
	if payload.PayeeAddress == "" && r.PayeeUUID != nil {
		payload.PayeeAddress = models.ID{Kind: models.KindAccount, UUID: *r.PayeeUUID}.String()
	}
	if payload.PayeeAddress+payload.Payee == "" {
		payload.Payee = "the bank's staff"
	}
	if r.ChargeAmount.IsPositive() {
		payload.Charge, payload.ChargePolicy = models.FormatDecimal(r.Charge().Value.Amount), r.ChargePolicy
	}
	return payload
}

// rows are those that the ledger writes with the request, by its clock.
func (n *newChallenge) rows(store *db.Store, at time.Time) []ledger.Row {
	kept := *n.kept
	kept.MadeAt, kept.SentAt, kept.ExpiresAt = at, at, at.Add(kept.Alive())
	rows := []ledger.Row{ledger.Row(store.LedgerRowOf(&kept)), ledger.Row(store.LedgerRowOf(kept.Event(&n.by.UserUUID, at)))}
	if n.message != nil {
		message := *n.message
		message.ExpiresAt = kept.ExpiresAt
		rows = append(rows, ledger.Row(store.OutboxMessageRow(&message)))
	}
	return rows
}
