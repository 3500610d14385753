package loaders

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/models"
)

// nodes finds an object by its identifier, one line a kind.
var nodes = map[models.Kind]func(context.Context, uuid.UUID) (models.Node, error){
	models.KindBank:              node("bank_uuid", func(b *models.Bank) uuid.UUID { return b.BankUUID }, auth.Everybody),
	models.KindCustomer:          node("customer_id", func(c *models.Customer) uuid.UUID { return c.CustomerID }, auth.SeeCustomerNode),
	models.KindCustomerAddress:   node("customer_address_id", func(a *models.CustomerAddress) uuid.UUID { return a.CustomerAddressID }, auth.SeeCustomerAddresses),
	models.KindTaxResidence:      node("tax_residence_id", func(t *models.TaxResidence) uuid.UUID { return t.TaxResidenceID }, auth.SeeTaxResidences),
	models.KindCustomerAttribute: node("customer_attribute_id", func(a *models.CustomerAttribute) uuid.UUID { return a.CustomerAttributeID }, auth.SeeCustomerAttributes),
	models.KindSocialMediaHandle: node("social_media_handle_id", func(h *models.SocialMediaHandle) uuid.UUID { return h.SocialMediaHandleID }, auth.SeeSocialMediaHandles),
	models.KindKycCheck:          node("kyc_check_id", func(k *models.KycCheck) uuid.UUID { return k.KycCheckID }, auth.SeeKycChecks),
	models.KindKycDocument:       node("kyc_document_id", func(k *models.KycDocument) uuid.UUID { return k.KycDocumentID }, auth.SeeKycDocuments),
	models.KindKycMedia:          node("kyc_media_id", func(k *models.KycMedia) uuid.UUID { return k.KycMediaID }, auth.SeeKycMedia),
	models.KindKycStatus:         node("kyc_status_id", func(k *models.KycStatus) uuid.UUID { return k.KycStatusID }, auth.SeeKycStatuses),
	models.KindAccount:           node("account_id", func(a *models.Account) uuid.UUID { return a.AccountID }, auth.SeeAccounts),
	models.KindAccountAttribute:  node("account_attribute_id", func(a *models.AccountAttribute) uuid.UUID { return a.AccountAttributeID }, auth.SeeAccounts),
	models.KindAccountContract:   node("account_contract_id", func(a *models.AccountContract) uuid.UUID { return a.AccountContractID }, auth.SeeAccounts),
	models.KindUser:              ownUser,
	models.KindEntitlement:       ownEntitlement,
}

// Node is the object with this identifier; nil when there is none, or the caller may not see it.
func Node(ctx context.Context, id models.ID) (models.Node, error) {
	find, known := nodes[id.Kind]
	if !known {
		return nil, models.Errorf(models.BadInput, "no type has identifiers that begin with %s_", id.Kind).OBP("OBP-10001")
	}
	return find(ctx, id.UUID)
}

// Nodes are the objects with these identifiers, in their order.
func Nodes(ctx context.Context, ids []*models.ID) ([]models.Node, error) {
	if len(ids) > models.MaxPageSize {
		return nil, models.Errorf(models.BadInput, "`ids` may have at most %d identifiers", models.MaxPageSize).OBP("OBP-10001")
	}
	return each(ids, func(id *models.ID) (models.Node, error) { return Node(ctx, *id) })
}

// CustomerByID is the customer with this identifier; nil when there is none, or the caller may not see it.
func CustomerByID(ctx context.Context, id models.ID) (*models.Customer, error) {
	customerID, err := id.As(models.KindCustomer)
	if err != nil {
		return nil, err
	}
	return Customer.Load(ctx, customerID)
}

// OwnCustomers are the customers that the caller is, at one bank or at all.
func OwnCustomers(ctx context.Context, bankID *string) ([]*models.Customer, error) {
	links := slices.DeleteFunc(slices.Clone(auth.Caller(ctx).Links), func(link models.CustomerLink) bool {
		return bankID != nil && link.BankID != *bankID
	})
	customers, err := each(links, func(link models.CustomerLink) (*models.Customer, error) {
		return ViewerCustomers.Load(ctx, link.CustomerID)
	})
	return slices.DeleteFunc(customers, func(c *models.Customer) bool { return c == nil }), err
}

func node[T any](column string, key func(*T) uuid.UUID, see auth.Rule) func(context.Context, uuid.UUID) (models.Node, error) {
	edge := &Row[T, uuid.UUID]{Edge{"Query.node", see}, column, key, false}
	return func(ctx context.Context, id uuid.UUID) (models.Node, error) {
		found, err := edge.Load(ctx, id)
		if found == nil || err != nil {
			return nil, err
		}
		return any(found).(models.Node), nil
	}
}

func ownUser(ctx context.Context, id uuid.UUID) (models.Node, error) {
	if user := auth.Caller(ctx).User; user.UserID == id {
		return user, nil
	}
	return nil, nil
}

func ownEntitlement(ctx context.Context, id uuid.UUID) (models.Node, error) {
	for _, entitlement := range auth.Caller(ctx).Entitlements {
		if entitlement.EntitlementID == id {
			return entitlement, nil
		}
	}
	return nil, nil
}

// each asks for all at once, so that their loaders answer them together, and keeps the order.
func each[A, B any](all []A, ask func(A) (B, error)) ([]B, error) {
	answers, failures := make([]B, len(all)), make([]error, len(all))
	done := make(chan struct{})
	for i, one := range all {
		go func() {
			answers[i], failures[i] = ask(one)
			done <- struct{}{}
		}()
	}
	for range all {
		<-done
	}
	for _, failure := range failures {
		if failure != nil {
			return nil, failure
		}
	}
	return answers, nil
}
