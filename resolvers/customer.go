package resolvers

import (
	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/graph"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
	"time"
)

func (r *customerResolver) Bank(ctx context.Context, obj *models.Customer) (*models.Bank, error) {
	return loaders.CustomerBank.Load(ctx, obj.BankID)
}

func (r *customerResolver) KycStatus(ctx context.Context, obj *models.Customer) (*models.KycState, error) {
	standing, err := loaders.CustomerKycStanding.Load(ctx, obj.CustomerID)
	return standing.Now(), err
}

func (r *customerResolver) LastOkDate(ctx context.Context, obj *models.Customer) (*time.Time, error) {
	standing, err := loaders.CustomerKycStanding.Load(ctx, obj.CustomerID)
	return standing.LastOk(), err
}

func (r *customerResolver) KycSummary(ctx context.Context, obj *models.Customer) (*models.KycSummary, error) {
	return loaders.CustomerKycSummary.Load(ctx, obj.CustomerID)
}

func (r *customerResolver) Attributes(ctx context.Context, obj *models.Customer) ([]*models.CustomerAttribute, error) {
	return loaders.CustomerAttributes.Load(ctx, obj)
}

func (r *customerResolver) Addresses(ctx context.Context, obj *models.Customer) ([]*models.CustomerAddress, error) {
	return loaders.CustomerAddresses.Load(ctx, obj)
}

func (r *customerResolver) TaxResidences(ctx context.Context, obj *models.Customer) ([]*models.TaxResidence, error) {
	return loaders.CustomerTaxResidences.Load(ctx, obj)
}

func (r *customerResolver) SocialMediaHandles(ctx context.Context, obj *models.Customer) ([]*models.SocialMediaHandle, error) {
	return loaders.CustomerSocialMediaHandles.Load(ctx, obj)
}

func (r *customerResolver) UserCustomerLinks(ctx context.Context, obj *models.Customer) ([]*models.UserCustomerLink, error) {
	return loaders.CustomerUserCustomerLinks.Load(ctx, obj)
}

func (r *customerResolver) CrmEvents(ctx context.Context, obj *models.Customer, first *int, after *string, last *int, before *string) (*models.Connection[models.CrmEvent], error) {
	return loaders.CustomerCrmEvents.Load(ctx, obj, models.PageArguments{First: first, After: after, Last: last, Before: before})
}

func (r *customerResolver) KycChecks(ctx context.Context, obj *models.Customer, first *int, after *string, last *int, before *string) (*models.Connection[models.KycCheck], error) {
	return loaders.CustomerKycChecks.Load(ctx, obj, models.PageArguments{First: first, After: after, Last: last, Before: before})
}

func (r *customerResolver) KycDocuments(ctx context.Context, obj *models.Customer, first *int, after *string, last *int, before *string) (*models.Connection[models.KycDocument], error) {
	return loaders.CustomerKycDocuments.Load(ctx, obj, models.PageArguments{First: first, After: after, Last: last, Before: before})
}

func (r *customerResolver) KycMedia(ctx context.Context, obj *models.Customer, first *int, after *string, last *int, before *string) (*models.Connection[models.KycMedia], error) {
	return loaders.CustomerKycMedia.Load(ctx, obj, models.PageArguments{First: first, After: after, Last: last, Before: before})
}

func (r *customerResolver) KycFiles(ctx context.Context, obj *models.Customer, first *int, after *string, last *int, before *string) (*models.Connection[models.KycFile], error) {
	return loaders.CustomerKycFiles.Load(ctx, obj, models.PageArguments{First: first, After: after, Last: last, Before: before})
}

func (r *customerResolver) KycStatuses(ctx context.Context, obj *models.Customer, first *int, after *string, last *int, before *string) (*models.Connection[models.KycStatus], error) {
	return loaders.CustomerKycStatuses.Load(ctx, obj, models.PageArguments{First: first, After: after, Last: last, Before: before})
}

func (r *customerResolver) Accounts(ctx context.Context, obj *models.Customer, first *int, after *string, last *int, before *string) (*models.Connection[models.Account], error) {
	return loaders.CustomerAccounts.Load(ctx, obj, models.PageArguments{First: first, After: after, Last: last, Before: before})
}

func (r *customerOverviewFlatResolver) Attributes(ctx context.Context, obj *models.CustomerOverviewFlat) ([]*models.CustomerAttribute, error) {
	return loaders.CustomerAttributes.Load(ctx, obj)
}

func (r *customerOverviewFlatResolver) Accounts(ctx context.Context, obj *models.CustomerOverviewFlat, first *int, after *string, last *int, before *string) (*models.Connection[models.Account], error) {
	return loaders.CustomerAccounts.Load(ctx, obj, models.PageArguments{First: first, After: after, Last: last, Before: before})
}

func (r *mutationResolver) CreateCustomer(ctx context.Context, input models.CreateCustomerInput) (models.CreateCustomerPayload, error) {
	customer, err := r.Verbs.CreateCustomer(ctx, input)
	return models.Outcome[models.CreateCustomerPayload](auth.Correlation(ctx), &models.CreateCustomerSuccess{Customer: loaders.HandedOne(ctx, customer)}, err)
}

func (r *mutationResolver) UpdateCustomer(ctx context.Context, input models.UpdateCustomerInput) (models.UpdateCustomerPayload, error) {
	changed, err := r.Verbs.UpdateCustomer(ctx, input)
	return models.Outcome[models.UpdateCustomerPayload](auth.Correlation(ctx), &models.UpdateCustomerSuccess{Version: changed.Version, Customer: loaders.HandedOne(ctx, changed.Customer)}, err)
}

func (r *queryResolver) Customer(ctx context.Context, id models.ID) (*models.Customer, error) {
	return loaders.Customer.ByID(ctx, id)
}

func (r *queryResolver) CustomerByNumber(ctx context.Context, bankID string, customerNumber string) (*models.Customer, error) {
	return loaders.CustomerByNumber.Load(ctx, bankID, customerNumber)
}

func (r *queryResolver) Customers(ctx context.Context, bankID *string, filter *models.CustomerFilter, orderBy *models.CustomerOrder, first *int, after *string, last *int, before *string) (*models.CustomerConnection, error) {
	list := db.CustomerList{Filter: filter, Order: orderBy}
	page, err := r.Verbs.Customers(ctx, bankID, list, models.PageArguments{First: first, After: after, Last: last, Before: before})
	return loaders.HandedCustomers(ctx, page), err
}

func (r *queryResolver) CustomersByMobilePhoneNumber(ctx context.Context, bankID string, mobilePhoneNumber string, first *int, after *string, last *int, before *string) (*models.CustomerConnection, error) {
	page, err := r.Verbs.CustomersByPhone(ctx, bankID, mobilePhoneNumber, models.PageArguments{First: first, After: after, Last: last, Before: before})
	return loaders.HandedCustomers(ctx, page), err
}

func (r *queryResolver) CustomerOverview(ctx context.Context, bankID string, customerNumber string) (*models.Customer, error) {
	return loaders.CustomerOverview.Load(ctx, bankID, customerNumber)
}

func (r *queryResolver) CustomerOverviewFlat(ctx context.Context, bankID string, customerNumber string) (*models.CustomerOverviewFlat, error) {
	customer, err := loaders.CustomerOverviewFlat.Load(ctx, bankID, customerNumber)
	return customer.Flat(), err
}

func (r *Resolver) Customer() graph.CustomerResolver { return &customerResolver{r} }

func (r *Resolver) CustomerOverviewFlat() graph.CustomerOverviewFlatResolver {
	return &customerOverviewFlatResolver{r}
}

type (
	customerResolver             struct{ *Resolver }
	customerOverviewFlatResolver struct{ *Resolver }
)
