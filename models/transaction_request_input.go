package models

import (
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
)

// What is allowed of a transaction request.
const (
	maxRequestDescription = 2000 // characters, as OBP has it
	maxReasonCode         = 64
	maxDaysAhead          = 366
)

// keyForm is how an idempotency key must look: what is compared to the letter has no letters that look alike.
var keyForm = regexp.MustCompile(`\A[!-~]{1,255}\z`)

// Type is the type of the request, which follows from how the payee is named; empty when it is not named.
func (in *PayeeInput) Type() TransactionRequestType {
	switch {
	case in.Account != nil:
		return TransactionRequestTypeAccount
	case in.AccountOtp != nil:
		return TransactionRequestTypeAccountOtp
	case in.SandboxTan != nil:
		return TransactionRequestTypeSandboxTan
	case in.Counterparty != nil:
		return TransactionRequestTypeCounterparty
	case in.Sepa != nil:
		return TransactionRequestTypeSepa
	case in.Simple != nil:
		return TransactionRequestTypeSimple
	case in.Card != nil:
		return TransactionRequestTypeCard
	case in.FreeForm != nil:
		return TransactionRequestTypeFreeForm
	case in.Refund != nil:
		return TransactionRequestTypeRefund
	}
	return ""
}

// ToAccount is the account that the payee is named by, nil when it is named otherwise.
func (in *PayeeInput) ToAccount() *PayeeAccountInput {
	switch {
	case in.Account != nil:
		return in.Account
	case in.AccountOtp != nil:
		return in.AccountOtp
	}
	return in.SandboxTan
}

// Accounts are those that the input names, as far as they pay or get it whatever else it says.
func (in *CreateTransactionRequestInput) Accounts() []uuid.UUID {
	ids := []uuid.UUID{in.AccountID.UUID}
	if to := in.Payee.ToAccount(); to != nil {
		ids = append(ids, to.AccountID.UUID)
	}
	return ids
}

// Validate says what is wrong with the input by itself, and always will be. Policies and days are for those types that have a choice. Whether the day has come is told
// beside other things only: by itself it would refuse to say what became of a request that was sent on the day before.
func (in *CreateTransactionRequestInput) Validate(mayChoosePolicy, mayWait bool) Violations {
	var v Violations
	if !keyForm.MatchString(in.IdempotencyKey) {
		v.Add("This must have 1 to 255 visible characters of ASCII.", "idempotencyKey")
	}
	value := &Money{in.Value.Amount, in.Value.Currency}
	value.validate(&v, "value")
	if value.Amount.IsZero() {
		v.Add("This must be more than zero.", "value", "amount")
	}
	v.Length(&in.Description, 0, maxRequestDescription, "description")
	if in.ChargePolicy != nil && !mayChoosePolicy {
		v.Add("A request of this type has no choice of this.", "chargePolicy")
	}
	if in.FutureDate != nil && !mayWait {
		v.Add("A request of this type cannot wait.", "futureDate")
	}
	in.Payee.validate(&v)
	return v
}

// ValidateDay says what is wrong with the day for which the request is to wait, on a day that the database tells.
func (in *CreateTransactionRequestInput) ValidateDay(today time.Time) Violations {
	var v Violations
	switch {
	case in.FutureDate == nil:
	case !in.FutureDate.After(today):
		v.Add("This must be after today, in UTC.", "futureDate")
	case in.FutureDate.After(today.AddDate(0, 0, maxDaysAhead)):
		v.Add("This must be within a year.", "futureDate")
	}
	return v
}

func (in *PayeeInput) validate(v *Violations) {
	kind := func(id *ID, kind Kind, path ...string) {
		if id == nil {
			return
		}
		if _, err := id.As(kind); err != nil {
			v.Add(err.Error(), append([]string{"payee"}, path...)...)
		}
	}
	switch {
	case in.Account != nil:
		kind(&in.Account.AccountID, KindAccount, "account", "accountId")
	case in.AccountOtp != nil:
		kind(&in.AccountOtp.AccountID, KindAccount, "accountOtp", "accountId")
	case in.SandboxTan != nil:
		kind(&in.SandboxTan.AccountID, KindAccount, "sandboxTan", "accountId")
	case in.Counterparty != nil:
		kind(&in.Counterparty.CounterpartyID, KindCounterparty, "counterparty", "counterpartyId")
	case in.Sepa != nil && in.Sepa.Name != nil:
		v.Line(*in.Sepa.Name, maxCounterpartyName, "payee", "sepa", "name")
	case in.Card != nil:
		kind(&in.Card.CounterpartyID, KindCounterparty, "card", "counterpartyId")
	case in.FreeForm != nil && !*in.FreeForm:
		v.Add("Only true makes sense.", "payee", "freeForm")
	case in.Refund != nil:
		in.Refund.validate(v, kind)
	}
}

func (in *PayeeRefundInput) validate(v *Violations, kind func(id *ID, kind Kind, path ...string)) {
	if (in.From == nil) == (in.To == nil) {
		v.Add("Name one of `from` and `to`.", "payee", "refund")
	}
	kind(in.From, KindCounterparty, "refund", "from")
	if in.To != nil {
		kind(in.To.CounterpartyID, KindCounterparty, "refund", "to", "counterpartyId")
		if in.To.Account != nil {
			kind(&in.To.Account.AccountID, KindAccount, "refund", "to", "account", "accountId")
		}
	}
	kind(&in.TransactionID, KindTransaction, "refund", "transactionId")
	v.Line(in.ReasonCode, maxReasonCode, "payee", "refund", "reasonCode")
}

// Counterparty is the counterparty input that names the same payee, for an account.
func (in *PayeeSimpleInput) Counterparty(account *Account, currency string) CreateCounterpartyInput {
	return CreateCounterpartyInput{
		BankID: account.BankID, AccountID: account.ID(), Name: in.Name, Description: in.Description, Currency: currency, AccountRouting: in.AccountRouting,
		AccountSecondaryRouting: in.AccountSecondaryRouting, BankRouting: in.BankRouting, BranchRouting: in.BranchRouting, IsBeneficiary: true,
	}
}

// Request is what the input says of the request itself, for an account.
func (in *CreateTransactionRequestInput) Request(account *Account) *TransactionRequest {
	request := &TransactionRequest{
		BankID: account.BankID, AccountUUID: account.AccountID, Type: in.Payee.Type(), PayerBankID: account.BankID, PayerUUID: account.AccountID,
		PayeeBankID: account.BankID, Amount: NewMoney(in.Value.Amount, in.Value.Currency).Amount, Currency: in.Value.Currency, Description: in.Description,
		EventCount: 1,
	}
	if in.FutureDate != nil {
		request.ExecuteOn = *in.FutureDate
	}
	return request
}

// IsCardNumber checks the length and the check digit of a card's number (Luhn).
func IsCardNumber(s string) bool {
	if len(s) < 12 || len(s) > 19 || strings.Trim(s, "0123456789") != "" {
		return false
	}
	sum := 0
	for i := range len(s) {
		digit := int(s[len(s)-1-i] - '0')
		if i%2 == 1 {
			if digit *= 2; digit > 9 {
				digit -= 9
			}
		}
		sum += digit
	}
	return sum%10 == 0
}

// Day is the day of an instant in UTC.
func Day(at time.Time) time.Time { return at.UTC().Truncate(24 * time.Hour) }
