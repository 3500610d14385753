package models

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/bojanz/currency"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// What OBP and KYCAID allow of a document, in characters.
const (
	maxDocumentNumber   = 50
	maxIssuePlace       = 512
	maxIssuingAuthority = 255
	maxPurpose          = 255
	maxReviewComment    = 1000
)

// Validate says what is wrong with a document that is to be written, by the fields of the inputs.
func (k *KycDocument) Validate() Violations {
	var v Violations
	v.Length(k.WholeNumber, 1, maxDocumentNumber, "number")
	v.Length(k.WholeAdditionalNumber, 1, maxDocumentNumber, "additionalNumber")
	v.Length(k.WholeAccountNumber, 1, maxDocumentNumber, "accountNumber")
	v.Length(k.IssuePlace, 1, maxIssuePlace, "issuePlace")
	v.Length(k.IssuingAuthority, 1, maxIssuingAuthority, "issuingAuthority")
	v.Length(k.OriginOfFunds, 1, maxPurpose, "originOfFunds")
	if k.IssuedOn != nil && k.IssuedOn.After(time.Now()) {
		v.Add("This day is in the future.", "issuedOn")
	}
	if k.IssuedOn != nil && k.ExpiresOn != nil && k.ExpiresOn.Before(*k.IssuedOn) {
		v.Add("This is before the day of issue.", "expiresOn")
	}
	if hasTwice(k.IncomeSources) {
		v.Add("One of these is here twice.", "incomeSources")
	}
	if k.HasWrongCard {
		v.Add("This is no card number: it has 12 to 19 digits, nothing else, and the last one checks the others.", "cardNumber")
	}
	if k.Type == KycDocumentTypePaymentCard && k.WholeAccountNumber != nil && isCardNumber(cardSeparators.Replace(*k.WholeAccountNumber)) {
		v.Add("This is the number of a card, which is not kept: give the number of the account that the card is of.", "accountNumber")
	}
	k.validateTransaction(&v)
	return v
}

// tickerForm is a currency, or what is traded like one.
var tickerForm = regexp.MustCompile(`^[A-Z0-9]{1,3}$`)

func (k *KycDocument) validateTransaction(v *Violations) {
	v.Length(k.TransactionPurpose, 1, maxPurpose, "transaction", "purpose")
	amount, of := k.TransactionAmount, k.TransactionCurrency
	if of != nil && !tickerForm.MatchString(*of) {
		v.Add("A currency has at most three capital letters and digits, such as `EUR` or `BTC`.", "transaction", "currency")
	}
	switch {
	case amount.Valid && of == nil:
		v.Add("An amount needs a currency.", "transaction", "currency")
	case !amount.Valid && of != nil:
		v.Add("A currency needs an amount.", "transaction", "amount")
	case amount.Valid && !amount.Decimal.IsPositive():
		v.Add("This must be more than nothing.", "transaction", "amount")
	case amount.Valid:
		digits, isKnown := currency.GetDigits(*of)
		if isKnown && !amount.Decimal.Equal(amount.Decimal.Truncate(int32(digits))) {
			v.Add(fmt.Sprintf("%s has %d decimals.", *of, digits), "transaction", "amount")
		}
	}
}

func hasTwice[T comparable](values []T) bool {
	for i, value := range values {
		if slices.Contains(values[:i], value) {
			return true
		}
	}
	return false
}

// Document is the document that the input describes, and the key of its group in the input.
func (in AddKycDocumentInput) Document(id uuid.UUID) (*KycDocument, string) {
	k := &KycDocument{
		KycDocumentID: id, BankID: in.BankID, CustomerID: in.CustomerID.UUID, Provider: in.Provider, ReviewStatus: KycReviewStatusNew,
		IncomeSources: []KycIncomeSource{}, DeclineReasons: []KycDeclineReason{}, EnteredBy: []uuid.UUID{}, Version: 1,
	}
	in.Data.fill(k)
	return k, documentGroups[k.Group()].key
}

// fill writes what is on a document into its row.
func (in *KycDocumentDataInput) fill(k *KycDocument) {
	switch {
	case in.Identity != nil:
		d := in.Identity
		k.fillPaper(KycDocumentType(d.Type), d.Number, d.AdditionalNumber, d.IssuePlace, d.IssuingAuthority, d.IssuedOn, d.ExpiresOn)
	case in.ProofOfFunds != nil:
		d := in.ProofOfFunds
		k.fillPaper(KycDocumentType(d.Type), d.Number, d.AdditionalNumber, d.IssuePlace, d.IssuingAuthority, d.IssuedOn, d.ExpiresOn)
		k.WholeAccountNumber, k.AnnualIncome, k.OriginOfFunds = d.AccountNumber, (*string)(d.AnnualIncome), d.OriginOfFunds
		k.setIncomeSources(d.IncomeSources)
		k.setTransaction(d.Transaction)
	case in.PaymentCard != nil:
		d := in.PaymentCard
		k.Type, k.WholeAccountNumber, k.ExpiresOn = KycDocumentTypePaymentCard, d.AccountNumber, d.ExpiresOn
		k.setCard(d.CardNumber)
	case in.TaxID != nil:
		d := in.TaxID
		k.fillPaper(KycDocumentTypeTaxIDNumber, d.Number, d.AdditionalNumber, d.IssuePlace, d.IssuingAuthority, d.IssuedOn, d.ExpiresOn)
	case in.Address != nil:
		d := in.Address
		k.fillPaper(KycDocumentTypeAddressDocument, d.Number, d.AdditionalNumber, d.IssuePlace, d.IssuingAuthority, d.IssuedOn, d.ExpiresOn)
	case in.Selfie != nil:
		k.Type, k.IssuedOn = KycDocumentTypeSelfieImage, in.Selfie.IssuedOn
	case in.CompanyPapers != nil:
		d := in.CompanyPapers
		k.fillPaper(KycDocumentType(d.Type), d.Number, d.AdditionalNumber, d.IssuePlace, d.IssuingAuthority, d.IssuedOn, d.ExpiresOn)
	}
}

func (k *KycDocument) fillPaper(of KycDocumentType, number, additional, place, authority *string, issued, expires *time.Time) {
	k.Type, k.WholeNumber, k.WholeAdditionalNumber, k.IssuePlace, k.IssuingAuthority, k.IssuedOn, k.ExpiresOn = of, number, additional, place, authority, issued, expires
}

func (k *KycDocument) setIncomeSources(sources []KycIncomeSource) {
	k.IncomeSources = append([]KycIncomeSource{}, sources...)
}

func (k *KycDocument) setTransaction(in *KycTransactionInput) {
	k.TransactionAmount, k.TransactionCurrency, k.TransactionMadeAt, k.TransactionPurpose = decimal.NullDecimal{}, nil, nil, nil
	if in == nil {
		return
	}
	k.TransactionCurrency, k.TransactionPurpose = in.Currency, in.Purpose
	if in.Amount != nil {
		k.TransactionAmount = decimal.NewNullDecimal(*in.Amount)
	}
	if in.MadeAt != nil {
		k.TransactionMadeAt = new(in.MadeAt.Truncate(time.Microsecond)) // as Postgres keeps it
	}
}

// What may be shown of a card's number: the first six digits only where enough others stay hidden.
const (
	firstDigits    = 6
	lastDigits     = 4
	leastWithFirst = 15
)

// setCard keeps of a card's number what may be kept.
func (k *KycDocument) setCard(number *string) {
	k.CardFirstSix, k.CardLastFour, k.HasWrongCard = nil, nil, false
	switch {
	case number == nil:
		return
	case !isCardNumber(*number):
		k.HasWrongCard = true
		return
	case len(*number) >= leastWithFirst:
		k.CardFirstSix = new(strings.Clone((*number)[:firstDigits])) // a clone: a part would keep the whole in memory
	}
	k.CardLastFour = new(strings.Clone((*number)[len(*number)-lastDigits:]))
}

// cardSeparators are what people write between the digits of a card.
var cardSeparators = strings.NewReplacer(" ", "", "-", "", ".", "", "\u00a0", "")

var cardForm = regexp.MustCompile(`^[0-9]{12,19}$`)

// isCardNumber says that a number has the digits of a card, the last of which checks the others (Luhn).
func isCardNumber(number string) bool {
	if !cardForm.MatchString(number) {
		return false
	}
	sum := 0
	for i := range len(number) {
		digit := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			if digit *= 2; digit > 9 {
				digit -= 9
			}
		}
		sum += digit
	}
	return sum%10 == 0
}

// HasSameContent says that the same is on two documents, whoever has them, and whatever was said of them.
func (k *KycDocument) HasSameContent(other *KycDocument) bool {
	return k.Type == other.Type && slices.EqualFunc(k.texts(), other.texts(), samePointed[string]) &&
		slices.EqualFunc(k.times(), other.times(), func(a, b *time.Time) bool { return a == nil && b == nil || a != nil && b != nil && a.Equal(*b) }) &&
		slices.Equal(k.IncomeSources, other.IncomeSources) &&
		slices.EqualFunc(k.Sides(), other.Sides(), func(a, b **uuid.UUID) bool { return samePointed(*a, *b) }) &&
		k.TransactionAmount.Valid == other.TransactionAmount.Valid && k.TransactionAmount.Decimal.Equal(other.TransactionAmount.Decimal)
}

func (k *KycDocument) texts() []*string {
	return []*string{
		k.WholeNumber, k.WholeAdditionalNumber, k.WholeAccountNumber, k.IssuePlace, k.IssuingAuthority, k.AnnualIncome,
		k.TransactionCurrency, k.TransactionPurpose, k.OriginOfFunds, k.CardFirstSix, k.CardLastFour,
	}
}

func (k *KycDocument) times() []*time.Time {
	return []*time.Time{k.IssuedOn, k.ExpiresOn, k.TransactionMadeAt}
}

func samePointed[T comparable](a, b *T) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

// Apply changes what the input names, and says whether it names anything, and what the document cannot have.
func (in UpdateKycDocumentInput) Apply(k *KycDocument) (names bool, v Violations) {
	names = slices.Contains([]bool{
		give(in.Type, func(t *KycDocumentType) {
			if t == nil || t.Group() != k.Group() {
				v.Add("A document stays in the group of its type: delete it, and add another.", "type")
				return
			}
			k.Type = *t
		}),
		give(in.Provider, func(p *KycDocumentProvider) {
			if p == nil {
				v.Add("This must not be empty.", "provider")
				return
			}
			k.Provider = *p
		}),
		revise(&v, k, "number", in.Number, func(n *string) { k.WholeNumber = n }),
		revise(&v, k, "additionalNumber", in.AdditionalNumber, func(n *string) { k.WholeAdditionalNumber = n }),
		revise(&v, k, "accountNumber", in.AccountNumber, func(n *string) { k.WholeAccountNumber = n }),
		revise(&v, k, "issuedOn", in.IssuedOn, func(day *time.Time) { k.IssuedOn = day }),
		revise(&v, k, "issuePlace", in.IssuePlace, func(place *string) { k.IssuePlace = place }),
		revise(&v, k, "issuingAuthority", in.IssuingAuthority, func(name *string) { k.IssuingAuthority = name }),
		revise(&v, k, "expiresOn", in.ExpiresOn, func(day *time.Time) { k.ExpiresOn = day }),
		revise(&v, k, "incomeSources", in.IncomeSources, k.setIncomeSources),
		revise(&v, k, "annualIncome", in.AnnualIncome, func(group *KycAnnualIncome) { k.AnnualIncome = (*string)(group) }),
		revise(&v, k, "transaction", in.Transaction, k.setTransaction),
		revise(&v, k, "originOfFunds", in.OriginOfFunds, func(text *string) { k.OriginOfFunds = text }),
		revise(&v, k, "cardNumber", in.CardNumber, k.setCard),
	}, true)
	return names, v
}

// revise is give of a field that documents of some groups cannot have; null takes it away from any.
func revise[T any](v *Violations, k *KycDocument, field string, given graphql.Omittable[T], set func(T)) bool {
	return give(given, func(value T) {
		if !k.Group().canHave(field) && !reflect.ValueOf(value).IsNil() {
			v.Add(fmt.Sprintf("A %s cannot have this.", k.Type), field)
			return
		}
		set(value)
	})
}

// Apply writes what the review says, and what is wrong with that.
func (in ReviewKycDocumentInput) Apply(k *KycDocument, reviewer *uuid.UUID, at time.Time) (v Violations) {
	k.ReviewStatus, k.DeclineReasons, k.Comment, k.ReviewerUUID, k.ReviewedAt = KycReviewStatusValid, []KycDeclineReason{}, nil, reviewer, &at
	if in.Verdict.Valid != nil {
		k.Comment = in.Verdict.Valid.Comment
		v.Length(k.Comment, 1, maxReviewComment, "verdict", "valid", "comment")
		return v
	}
	k.ReviewStatus, k.DeclineReasons, k.Comment = KycReviewStatusInvalid, in.Verdict.Invalid.Reasons, &in.Verdict.Invalid.Comment
	switch {
	case len(k.DeclineReasons) == 0:
		v.Add("A document is declined for at least one reason.", "verdict", "invalid", "reasons")
	case hasTwice(k.DeclineReasons):
		v.Add("One of these is here twice.", "verdict", "invalid", "reasons")
	}
	if strings.TrimSpace(*k.Comment) == "" {
		v.Add("This must not be empty.", "verdict", "invalid", "comment")
	}
	v.Length(k.Comment, 0, maxReviewComment, "verdict", "invalid", "comment")
	return v
}
