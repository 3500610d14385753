package main

import (
	"time"

	"github.com/google/uuid"
)

// The rows that a benchmark reads, as the graph shows them. The fields of the structs are the one list of what is
// selected: the GraphQL document and both hand-written servers' SQL are made from their tags, so that all three
// read the same. `sql` is the expression where it is not the name in another case.

type overview struct {
	CustomerID               uuid.UUID `json:"customerId"`
	BankID                   string    `json:"bankId"`
	CustomerNumber           string    `json:"customerNumber"`
	LegalName                string    `json:"legalName"`
	Title                    *string   `json:"title"`
	NameSuffix               *string   `json:"nameSuffix"`
	MobilePhoneNumber        *string   `json:"mobilePhoneNumber"`
	Email                    *string   `json:"email"`
	DateOfBirth              *string   `json:"dateOfBirth" sql:"date_of_birth::text"`
	RelationshipStatus       *string   `json:"relationshipStatus"`
	Dependants               int       `json:"dependants"`
	DatesOfBirthOfDependants []string  `json:"datesOfBirthOfDependants" sql:"dates_of_birth_of_dependants::text[]"`
	CreditLimit              *money    `json:"creditLimit" sql:"CASE WHEN credit_limit_amount IS NULL THEN NULL ELSE json_build_object('amount', credit_limit_amount::text, 'currency', credit_limit_currency) END"`
	HighestEducationAttained *string   `json:"highestEducationAttained"`
	EmploymentStatus         *string   `json:"employmentStatus"`
	BranchID                 *string   `json:"branchId"`
	CreatedAt                time.Time `json:"createdAt"`
	UpdatedAt                time.Time `json:"updatedAt"`

	KycStatus  *string    `json:"kycStatus" sql:"-"`
	LastOkDate *time.Time `json:"lastOkDate" sql:"-"`

	Attributes         []attribute         `json:"attributes" sql:"-"`
	Addresses          []address           `json:"addresses" sql:"-"`
	TaxResidences      []taxResidence      `json:"taxResidences" sql:"-"`
	SocialMediaHandles []socialMediaHandle `json:"socialMediaHandles" sql:"-"`
	KycChecks          page[kycCheck]      `json:"kycChecks" sql:"-"`
	KycDocuments       page[kycDocument]   `json:"kycDocuments" sql:"-"`
	KycMedia           page[kycMedia]      `json:"kycMedia" sql:"-"`
	KycStatuses        page[kycStatus]     `json:"kycStatuses" sql:"-"`
	Accounts           page[account]       `json:"accounts" sql:"-"`
}

// page is a connection of which only the nodes are asked for.
type page[T any] struct {
	Nodes []T `json:"nodes"`
}

type money struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

// standing is what the KYC timeline of a customer says.
type standing struct {
	State    *string    `json:"state"`
	LastOkAt *time.Time `json:"lastOkAt"`
}

type attribute struct {
	CustomerAttributeID uuid.UUID `json:"customerAttributeId"`
	Name                string    `json:"name"`
	Type                string    `json:"type"`
	Value               string    `json:"value"`
}

type address struct {
	CustomerAddressID uuid.UUID `json:"customerAddressId"`
	Line1             string    `json:"line1"`
	Line2             *string   `json:"line2"`
	Line3             *string   `json:"line3"`
	City              string    `json:"city"`
	County            *string   `json:"county"`
	State             *string   `json:"state"`
	Postcode          *string   `json:"postcode"`
	CountryCode       string    `json:"countryCode"`
	Tags              []string  `json:"tags"`
	Status            *string   `json:"status"`
	CreatedAt         time.Time `json:"createdAt"`
	UpdatedAt         time.Time `json:"updatedAt"`
}

type taxResidence struct {
	TaxResidenceID uuid.UUID `json:"taxResidenceId"`
	Domain         string    `json:"domain"`
	TaxNumber      string    `json:"taxNumber"`
	CreatedAt      time.Time `json:"createdAt"`
}

type socialMediaHandle struct {
	Type        string     `json:"type"`
	Handle      string     `json:"handle"`
	AddedAt     time.Time  `json:"addedAt"`
	ActivatedAt *time.Time `json:"activatedAt"`
}

type kycCheck struct {
	KycCheckID  uuid.UUID `json:"kycCheckId"`
	CheckedAt   time.Time `json:"checkedAt"`
	How         string    `json:"how"`
	StaffUserID string    `json:"staffUserId"`
	StaffName   string    `json:"staffName"`
	IsSatisfied bool      `json:"isSatisfied"`
	Comments    string    `json:"comments"`
}

type kycDocument struct {
	KycDocumentID  uuid.UUID `json:"kycDocumentId"`
	Type           string    `json:"type"`
	Number         *string   `json:"number" sql:"'••••' || right(number, 4)"`
	IssuedOn       *string   `json:"issuedOn" sql:"issued_on::text"`
	IssuePlace     *string   `json:"issuePlace"`
	ExpiresOn      *string   `json:"expiresOn" sql:"expires_on::text"`
	Provider       string    `json:"provider"`
	ReviewStatus   string    `json:"reviewStatus"`
	DeclineReasons []string  `json:"declineReasons"`
	Comment        *string   `json:"comment"`
	CreatedAt      time.Time `json:"createdAt"`
	UpdatedAt      time.Time `json:"updatedAt"`
}

type kycMedia struct {
	KycMediaID uuid.UUID `json:"kycMediaId"`
	Type       string    `json:"type"`
	URL        string    `json:"url"`
	TakenAt    time.Time `json:"takenAt"`
}

type kycStatus struct {
	IsOk       bool      `json:"isOk"`
	DecidedAt  time.Time `json:"decidedAt"`
	RecordedAt time.Time `json:"recordedAt"`
}

type account struct {
	AccountID   uuid.UUID `json:"accountId"`
	BankID      string    `json:"bankId"`
	Label       string    `json:"label"`
	ProductCode string    `json:"productCode"`
	BranchID    *string   `json:"branchId"`
	Currency    string    `json:"currency"`
	Balance     money     `json:"balance" sql:"json_build_object('amount', balance::text, 'currency', currency)"`
	CreatedAt   time.Time `json:"createdAt"`

	Routings   []routing          `json:"routings" sql:"-"`
	Attributes []accountAttribute `json:"attributes" sql:"-"`
	Contracts  []contract         `json:"contracts" sql:"-"`
}

type routing struct {
	Scheme  string `json:"scheme"`
	Address string `json:"address"`
}

type accountAttribute struct {
	AccountAttributeID uuid.UUID `json:"accountAttributeId"`
	ProductCode        *string   `json:"productCode"`
	ContractCode       *string   `json:"contractCode"`
	Name               string    `json:"name"`
	Type               string    `json:"type"`
	Value              string    `json:"value"`
}

type contract struct {
	ContractCode               string  `json:"contractCode"`
	ProductCode                string  `json:"productCode"`
	ProductDescription         *string `json:"productDescription"`
	IssuanceAmount             *string `json:"issuanceAmount" sql:"issuance_amount::text"`
	InterestRate               *string `json:"interestRate" sql:"interest_rate::text"`
	Term                       *string `json:"term"`
	FormOfPayment              *string `json:"formOfPayment"`
	InterestAmount             *string `json:"interestAmount" sql:"interest_amount::text"`
	BranchCode                 *string `json:"branchCode"`
	PaymentMethod              *string `json:"paymentMethod"`
	OpenedOn                   *string `json:"openedOn" sql:"opened_on::text"`
	MaturesOn                  *string `json:"maturesOn" sql:"matures_on::text"`
	RenewedOn                  *string `json:"renewedOn" sql:"renewed_on::text"`
	CancelledOn                *string `json:"cancelledOn" sql:"cancelled_on::text"`
	InstrumentStatusCode       *string `json:"instrumentStatusCode"`
	InstrumentStatusDefinition *string `json:"instrumentStatusDefinition"`
	IsSubstituted              *bool   `json:"isSubstituted"`
}
