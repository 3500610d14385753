package loaders

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/models"
)

// nodes finds an object by its identifier, one line a kind.
var nodes = map[models.Kind]func(context.Context, []uuid.UUID) ([]models.Node, error){
	models.KindBank:                        node("bank_uuid", func(b *models.Bank) uuid.UUID { return b.BankUUID }, auth.Everybody),
	models.KindCustomer:                    node("customer_id", func(c *models.Customer) uuid.UUID { return c.CustomerID }, auth.SeeCustomerNode),
	models.KindCustomerAddress:             node("customer_address_id", func(a *models.CustomerAddress) uuid.UUID { return a.CustomerAddressID }, auth.SeeCustomerAddresses),
	models.KindTaxResidence:                node("tax_residence_id", func(t *models.TaxResidence) uuid.UUID { return t.TaxResidenceID }, auth.SeeTaxResidences),
	models.KindCustomerAttribute:           node("customer_attribute_id", func(a *models.CustomerAttribute) uuid.UUID { return a.CustomerAttributeID }, auth.SeeCustomerAttributes),
	models.KindSocialMediaHandle:           node("social_media_handle_id", func(h *models.SocialMediaHandle) uuid.UUID { return h.SocialMediaHandleID }, auth.SeeSocialMediaHandles),
	models.KindUserCustomerLink:            node("user_customer_link_id", func(l *models.UserCustomerLink) uuid.UUID { return l.UserCustomerLinkID }, auth.SeeUserCustomerLinks),
	models.KindCrmEvent:                    node("crm_event_id", func(e *models.CrmEvent) uuid.UUID { return e.CrmEventID }, auth.SeeCrmEvents),
	models.KindKycCheck:                    node("kyc_check_id", func(k *models.KycCheck) uuid.UUID { return k.KycCheckID }, auth.SeeKycChecks),
	models.KindKycDocument:                 node("kyc_document_id", func(k *models.KycDocument) uuid.UUID { return k.KycDocumentID }, auth.SeeKycDocuments),
	models.KindKycMedia:                    node("kyc_media_id", func(k *models.KycMedia) uuid.UUID { return k.KycMediaID }, auth.SeeKycMedia),
	models.KindKycStatus:                   node("kyc_status_id", func(k *models.KycStatus) uuid.UUID { return k.KycStatusID }, auth.SeeKycStatuses),
	models.KindKycFile:                     node("kyc_file_id", func(k *models.KycFile) uuid.UUID { return k.KycFileID }, auth.SeeKycFiles),
	models.KindAccount:                     node("account_id", func(a *models.Account) uuid.UUID { return a.AccountID }, auth.SeeAccounts),
	models.KindAccountAttribute:            node("account_attribute_id", func(a *models.AccountAttribute) uuid.UUID { return a.AccountAttributeID }, auth.SeeAccounts),
	models.KindAccountContract:             node("account_contract_id", func(a *models.AccountContract) uuid.UUID { return a.AccountContractID }, auth.SeeAccounts),
	models.KindCounterparty:                node("counterparty_id", func(c *models.Counterparty) uuid.UUID { return c.CounterpartyID }, auth.SeeCounterparties),
	models.KindTransactionRequest:          node("transaction_request_id", func(r *models.TransactionRequest) uuid.UUID { return r.TransactionRequestID }, auth.SeeTransactionRequests),
	models.KindTransaction:                 node("transaction_id", func(t *models.Transaction) uuid.UUID { return t.TransactionID }, auth.SeeTransactions),
	models.KindTransactionRequestAttribute: node("transaction_request_attribute_id", func(a *models.TransactionRequestAttribute) uuid.UUID { return a.TransactionRequestAttributeID }, auth.SeeTransactionRequestAttributes),
	models.KindChallenge:                   node("challenge_id", func(c *models.Challenge) uuid.UUID { return c.ChallengeUUID }, auth.SeeChallenges),
	models.KindUser:                        node("user_id", func(u *models.User) uuid.UUID { return u.UserID }, auth.SeeUser),
	models.KindEntitlement:                 node("entitlement_id", func(e *models.Entitlement) uuid.UUID { return e.EntitlementID }, auth.SeeEntitlement),
	models.KindAuditEntry:                  node("audit_entry_id", func(e *models.AuditEntry) uuid.UUID { return e.AuditEntryID }, auth.SeeAuditTrail),
	models.KindUserInvitation:              node("user_invitation_id", func(i *models.UserInvitation) uuid.UUID { return i.UserInvitationID }, auth.InviteUsers),
	models.KindOutboxMessage:               node("message_id", func(m *models.OutboxMessage) uuid.UUID { return m.MessageID }, auth.SeeOutboxMessages),
	models.KindWebhook:                     node("webhook_id", func(w *models.Webhook) uuid.UUID { return w.WebhookID }, auth.ManageWebhooks),
	models.KindAccountAccess:               node("account_access_id", func(a *models.AccountAccessGrant) uuid.UUID { return a.AccountAccessID }, auth.GrantAccountAccess),

	models.KindAttributeDefinition: node("attribute_definition_id", func(d *models.TransactionRequestAttributeDefinition) uuid.UUID { return d.AttributeDefinitionID }, auth.SeeTransactionRequestAttributeDefinitions),
}

// Node is the object with this identifier; nil when there is none, or the caller may not see it.
func Node(ctx context.Context, id models.ID) (models.Node, error) {
	found, err := Nodes(ctx, []*models.ID{&id})
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// Nodes are the objects with these identifiers, in their order; each kind is read in one statement.
func Nodes(ctx context.Context, ids []*models.ID) ([]models.Node, error) {
	if len(ids) > models.MaxPageSize {
		return nil, models.Errorf(models.BadInput, "`ids` may have at most %d identifiers", models.MaxPageSize).OBP("OBP-10001")
	}
	positions := map[models.Kind][]int{}
	for i, id := range ids {
		if _, known := nodes[id.Kind]; !known {
			return nil, models.Errorf(models.BadInput, "no type has identifiers that begin with %s_", id.Kind).OBP("OBP-10001")
		}
		positions[id.Kind] = append(positions[id.Kind], i)
	}
	answers := make([]models.Node, len(ids))
	for kind, at := range positions {
		uuids := make([]uuid.UUID, len(at))
		for i, position := range at {
			uuids[i] = ids[position].UUID
		}
		found, err := nodes[kind](ctx, uuids)
		if err != nil {
			return nil, err
		}
		for i, position := range at {
			answers[position] = found[i]
		}
	}
	return answers, nil
}

// OwnCustomers are the customers that the caller is, at one bank or at all.
func OwnCustomers(ctx context.Context, bankID *string) ([]*models.Customer, error) {
	var ids []uuid.UUID
	for _, link := range auth.Caller(ctx).Links {
		if bankID == nil || link.BankID == *bankID {
			ids = append(ids, link.CustomerID)
		}
	}
	customers, err := ViewerCustomers.LoadMany(ctx, ids)
	return slices.DeleteFunc(customers, func(c *models.Customer) bool { return c == nil }), err
}

func node[T any](column string, key func(*T) uuid.UUID, see auth.Rule) func(context.Context, []uuid.UUID) ([]models.Node, error) {
	reader := &Lookup[T]{Edge: Edge{"Query.node", see}, column: column, key: key}
	return func(ctx context.Context, ids []uuid.UUID) ([]models.Node, error) {
		found, err := reader.LoadMany(ctx, ids)
		answers := make([]models.Node, len(ids))
		for i, row := range found {
			if row != nil { // an interface that holds a nil pointer is not nil
				answers[i] = any(row).(models.Node)
			}
		}
		return answers, err
	}
}
