package models

import (
	"regexp"

	"github.com/google/uuid"
)

// answerForm is how an answer may look: codes have six digits, and what has a few more or less is only wrong.
var answerForm = regexp.MustCompile(`\A[0-9]{1,12}\z`)

const maxAdditionalInformation = 2000

// RequestRef names a request by all that must belong together.
type RequestRef struct {
	Bank               string
	Account, RequestID uuid.UUID
}

// Ref says at which account it was made.
func (r RequestRef) Ref() Ref { return Ref{BankID: r.Bank, Account: r.Account} }

// ID identifies the request in the graph.
func (r RequestRef) ID() ID { return ID{KindTransactionRequest, r.RequestID} }

func newRequestRef(v *Violations, bankID string, account, request ID) RequestRef {
	return RequestRef{bankID, kindOf(v, account, KindAccount, "accountId"), kindOf(v, request, KindTransactionRequest, "transactionRequestId")}
}

// kindOf is the UUID of an identifier that must be of a kind.
func kindOf(v *Violations, id ID, kind Kind, path ...string) uuid.UUID {
	found, err := id.As(kind)
	if err != nil {
		v.Add(err.Error(), path...)
	}
	return found
}

// Validate says what is wrong with the input by itself, before anything is counted.
func (in *AnswerTransactionRequestChallengeInput) Validate() (of RequestRef, challenge uuid.UUID, err error) {
	var v Violations
	of, challenge = newRequestRef(&v, in.BankID, in.AccountID, in.TransactionRequestID), kindOf(&v, in.ChallengeID, KindChallenge, "challengeId")
	if !answerForm.MatchString(in.Answer) {
		v.Add("An answer is a code of digits.", "answer")
	}
	if !keyForm.MatchString(in.IdempotencyKey) {
		v.Add("This must have 1 to 255 visible characters of ASCII.", "idempotencyKey")
	}
	return of, challenge, v.Err()
}

// Validate says what is wrong with the input by itself.
func (in *RejectTransactionRequestInput) Validate() (RequestRef, error) {
	var v Violations
	of := newRequestRef(&v, in.BankID, in.AccountID, in.TransactionRequestID)
	if in.ReasonCode != nil {
		v.Line(*in.ReasonCode, maxReasonCode, "reasonCode")
	}
	v.Length(in.AdditionalInformation, 0, maxAdditionalInformation, "additionalInformation")
	return of, v.Err()
}

// Validate says what is wrong with the input by itself.
func (in *CancelTransactionRequestInput) Validate() (RequestRef, error) {
	var v Violations
	of := newRequestRef(&v, in.BankID, in.AccountID, in.TransactionRequestID)
	return of, v.Err()
}
