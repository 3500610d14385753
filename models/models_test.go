package models

import (
	"testing"

	"github.com/google/uuid"
)

// noun is what every row says of itself.
type noun interface {
	Node
	ID() ID
}

func TestRows(t *testing.T) {
	t.Parallel()
	own, customer, account := uuid.New(), uuid.New(), uuid.New()
	const bank = "gh.29.uk"
	ofCustomer, ofAccount := Ref{BankID: bank, Customer: customer}, Ref{BankID: bank, Account: account}

	for name, c := range map[string]struct {
		row  any
		id   ID
		want Ref
	}{
		"a bank belongs to itself":                   {&Bank{BankUUID: own, BankID: bank}, ID{KindBank, own}, Ref{BankID: bank}},
		"a customer belongs to itself":               {&Customer{CustomerID: own, BankID: bank}, ID{KindCustomer, own}, Ref{BankID: bank, Customer: own}},
		"an address belongs to its customer":         {&CustomerAddress{CustomerAddressID: own, BankID: bank, CustomerID: customer}, ID{KindCustomerAddress, own}, ofCustomer},
		"a customer's attribute belongs to them":     {&CustomerAttribute{CustomerAttributeID: own, BankID: bank, CustomerID: customer}, ID{KindCustomerAttribute, own}, ofCustomer},
		"a tax residence belongs to its customer":    {&TaxResidence{TaxResidenceID: own, BankID: bank, CustomerID: customer}, ID{KindTaxResidence, own}, ofCustomer},
		"a handle belongs to its customer":           {&SocialMediaHandle{SocialMediaHandleID: own, BankID: bank, CustomerID: customer}, ID{KindSocialMediaHandle, own}, ofCustomer},
		"a link belongs to its customer":             {&UserCustomerLink{UserCustomerLinkID: own, BankID: bank, CustomerID: customer}, ID{KindUserCustomerLink, own}, ofCustomer},
		"a CRM event belongs to its customer":        {&CrmEvent{CrmEventID: own, BankID: bank, CustomerID: customer}, ID{KindCrmEvent, own}, ofCustomer},
		"a KYC check belongs to its customer":        {&KycCheck{KycCheckID: own, BankID: bank, CustomerID: customer}, ID{KindKycCheck, own}, ofCustomer},
		"a KYC document belongs to its customer":     {&KycDocument{KycDocumentID: own, BankID: bank, CustomerID: customer}, ID{KindKycDocument, own}, ofCustomer},
		"a KYC medium belongs to its customer":       {&KycMedia{KycMediaID: own, BankID: bank, CustomerID: customer}, ID{KindKycMedia, own}, ofCustomer},
		"a KYC decision belongs to its customer":     {&KycStatus{KycStatusID: own, BankID: bank, CustomerID: customer}, ID{KindKycStatus, own}, ofCustomer},
		"a KYC standing belongs to its customer":     {&KycStanding{BankID: bank, CustomerID: customer}, ID{}, ofCustomer},
		"an account belongs to itself":               {&Account{AccountID: account, BankID: bank}, ID{KindAccount, account}, ofAccount},
		"an account's attribute belongs to it":       {&AccountAttribute{AccountAttributeID: own, BankID: bank, AccountID: account}, ID{KindAccountAttribute, own}, ofAccount},
		"a contract belongs to its account":          {&AccountContract{AccountContractID: own, BankID: bank, AccountID: account}, ID{KindAccountContract, own}, ofAccount},
		"a routing belongs to its account":           {&AccountRouting{BankID: bank, AccountID: account}, ID{}, ofAccount},
		"a view belongs to its account":              {&AccountAccess{BankID: bank, AccountID: account}, ID{}, ofAccount},
		"the short overview belongs to the customer": {(&Customer{CustomerID: own, BankID: bank}).Flat(), ID{KindCustomer, own}, Ref{BankID: bank, Customer: own}},
		"a user belongs to themselves":               {&User{UserID: own}, ID{KindUser, own}, Ref{User: own}},
		"an entitlement belongs to who holds it":     {&Entitlement{EntitlementID: own, BankIDOrNone: bank, UserID: customer}, ID{KindEntitlement, own}, Ref{BankID: bank, User: customer}},
		"an invitation belongs to its bank":          {&UserInvitation{UserInvitationID: own, BankID: bank}, ID{KindUserInvitation, own}, Ref{BankID: bank}},
		"a grant belongs to its account":             {&AccountAccessGrant{AccountAccessID: own, BankID: bank, AccountID: account, UserID: customer}, ID{KindAccountAccess, own}, ofAccount},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Rights hang on this: a row that forgets its customer is hidden from them, and one that
			// forgets its bank is shown to the officers of another.
			if row, refers := c.row.(Referrer); refers != (c.want != Ref{}) {
				t.Errorf("%T says to whom it belongs: %t", c.row, refers)
			} else if refers && row.Ref() != c.want {
				t.Errorf("got %+v, want %+v", row.Ref(), c.want)
			}
			if row, isNode := c.row.(noun); isNode != (c.id != ID{}) {
				t.Errorf("%T is a node: %t", c.row, isNode)
			} else if isNode && row.ID() != c.id {
				t.Errorf("got %s, want %s", row.ID(), c.id)
			}
		})
	}
}

func TestText(t *testing.T) {
	t.Parallel()

	t.Run("it is what is there, or nothing", func(t *testing.T) {
		t.Parallel()
		if Text(nil) != "" || Text(new("")) != "" || Text(new("a")) != "a" {
			t.Errorf("got %q, %q and %q", Text(nil), Text(new("")), Text(new("a")))
		}
	})
}
