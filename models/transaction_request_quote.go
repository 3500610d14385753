package models

// QuoteKey is a request that somebody wants to know about before it is made.
type QuoteKey struct {
	of Ref
	in *CreateTransactionRequestInput
}

// Quote asks what would become of a request from the account.
func (a *Account) Quote(payee PayeeInput, value MoneyInput, in CreateTransactionRequestInput) *QuoteKey {
	in.BankID, in.AccountID, in.Payee, in.Value, in.IdempotencyKey = a.BankID, a.ID(), &payee, &value, "quote"
	return &QuoteKey{a.Ref(), &in}
}

// Ref says which account would pay.
func (q QuoteKey) Ref() Ref { return q.of }

// Input is the request.
func (q QuoteKey) Input() *CreateTransactionRequestInput { return q.in }

// Refusal is the rejection that an error would be; false for what is no outcome of business.
func Refusal(correlation ID, e *Error) (Rejection, bool) {
	refusal, is := rejection(correlation, e).(Rejection)
	return refusal, is
}
