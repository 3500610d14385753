// Command bankgraph-example asks a bankgraph with the demo data, and prints what it sees:
//
//	go run . URL TOKEN
//
// The token is one of demo-admin. It exits with 1 when something is not as it should be.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/Khan/genqlient/graphql"
)

//go:generate go tool genqlient genqlient.yaml

// The demo has them everywhere.
const (
	bank     = "gh.29.uk"
	customer = "5987953"
	stranger = "usr_BVAu3rCVsT8NuBd8pK25m" // demo-stranger, who holds no role
)

const pageSize = 100

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: go run . URL TOKEN")
		os.Exit(2)
	}
	ctx, client := context.Background(), connect(os.Args[1], os.Args[2])
	for _, show := range []func(context.Context, graphql.Client) error{showOverview, showCustomers, showRoles, showErrors} {
		if err := show(ctx, client); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func showOverview(ctx context.Context, client graphql.Client) error {
	answer, err := query(ctx, func(ctx context.Context) (*CustomerOverviewResponse, error) {
		return CustomerOverview(ctx, client, bank, customer)
	})
	switch {
	case err != nil:
		return err
	case answer.CustomerOverview == nil: // there is none, or the caller may not see it
		return fmt.Errorf("there is no customer %s", customer)
	case answer.CustomerOverview.Accounts == nil || len(answer.CustomerOverview.Accounts.Nodes) == 0:
		return errors.New("the customer has no account")
	}
	seen := answer.CustomerOverview
	fmt.Printf("%s (%s), KYC %s\n", seen.LegalName, seen.CustomerNumber, orNothing(seen.KycStatus))
	for _, account := range seen.Accounts.Nodes {
		fmt.Printf("  %s  %s", account.Label, orNothing(account.Iban))
		if account.Balance != nil { // null without the right to see it
			fmt.Printf("  %s %s", account.Balance.Amount, account.Balance.Currency)
		}
		fmt.Println()
	}
	return nil
}

// orNothing is what the pointer points to. Whatever the caller may not see is null.
func orNothing[T ~string](text *T) T {
	if text == nil {
		return ""
	}
	return *text
}

func showCustomers(ctx context.Context, client graphql.Client) error {
	seen, pages, total := map[string]bool{}, 0, 0
	for after, more := (*string)(nil), true; more; pages++ {
		page, err := query(ctx, func(ctx context.Context) (*CustomersPageResponse, error) {
			return CustomersPage(ctx, client, bank, pageSize, after)
		})
		if err != nil {
			return err
		}
		for _, row := range page.Customers.Nodes {
			if seen[row.Id] {
				return fmt.Errorf("the customer %s is on two pages", row.Id)
			}
			seen[row.Id] = true
		}
		total, more, after = page.Customers.TotalCount, page.Customers.PageInfo.HasNextPage, page.Customers.PageInfo.EndCursor
	}
	if len(seen) != total || pages < 2 {
		return fmt.Errorf("%d customers on %d pages, where totalCount says %d", len(seen), pages, total)
	}
	fmt.Printf("%d customers of %s on %d pages\n", total, bank, pages)
	return nil
}

func showRoles(ctx context.Context, client graphql.Client) error {
	at, role := bank, "CanGetTaxResidence"
	id, refusal, err := giveRole(ctx, client, &CreateEntitlementInput{UserId: stranger, Role: role, BankId: &at})
	if err := expectDone(refusal, err); err != nil {
		return err
	}
	_, refusal, err = giveRole(ctx, client, &CreateEntitlementInput{UserId: stranger, Role: role, BankId: &at})
	if err := expectRefusal(refusal, err, RejectionCodeInvalidState); err != nil {
		return err
	}
	if err := expectDone(takeRole(ctx, client, id)); err != nil {
		return err
	}
	refusal, err = takeRole(ctx, client, id)
	if err := expectRefusal(refusal, err, RejectionCodeNotFound); err != nil {
		return err
	}
	fmt.Printf("%s given and taken\n", role)
	return nil
}

// giveRole answers with the new entitlement's identifier, or why there is none.
func giveRole(ctx context.Context, client graphql.Client, input *CreateEntitlementInput) (string, Refusal, error) {
	answer, err := mutate(ctx, func(ctx context.Context) (*GiveRoleResponse, error) { return GiveRole(ctx, client, input) })
	if err != nil {
		return "", nil, err
	}
	switch payload := answer.CreateEntitlement.(type) {
	case *GiveRoleCreateEntitlementCreateEntitlementSuccess:
		return payload.Entitlement.Id, nil, nil
	case Refusal: // every other type of the union, whichever the schema has when this is generated anew
		return "", payload, nil
	default:
		return "", nil, fmt.Errorf("an answer of the type %T", payload)
	}
}

func takeRole(ctx context.Context, client graphql.Client, id string) (Refusal, error) {
	answer, err := mutate(ctx, func(ctx context.Context) (*TakeRoleResponse, error) {
		return TakeRole(ctx, client, &DeleteEntitlementInput{Id: id})
	})
	if err != nil {
		return nil, err
	}
	switch payload := answer.DeleteEntitlement.(type) {
	case *TakeRoleDeleteEntitlementDeleteEntitlementSuccess:
		return nil, nil //nolint:nilnil // neither a refusal nor an error: it was done
	case Refusal:
		return payload, nil
	default:
		return nil, fmt.Errorf("an answer of the type %T", payload)
	}
}

func expectDone(refusal Refusal, err error) error {
	if err == nil && refusal != nil {
		return fmt.Errorf("rejected: %s", refusal.GetMessage())
	}
	return err
}

func expectRefusal(refusal Refusal, err error, code RejectionCode) error {
	switch {
	case err != nil:
		return err
	case refusal == nil:
		return fmt.Errorf("%s was expected, and it was done", code)
	case refusal.GetCode() != code:
		return fmt.Errorf("%s was expected, not %s: %s", code, refusal.GetCode(), refusal.GetMessage())
	}
	fmt.Printf("  rejected: %s (%s)\n", refusal.GetMessage(), refusal.GetCorrelationId())
	return nil
}

func showErrors(ctx context.Context, client graphql.Client) error {
	_, err := query(ctx, func(ctx context.Context) (*CustomersPageResponse, error) {
		return CustomersPage(ctx, client, bank, 1000, nil)
	})
	var problem *AskError
	switch {
	case !errors.As(err, &problem):
		return errors.New("a page of 1000 should be refused, and is not")
	case problem.Faults[0].Code != "BAD_USER_INPUT":
		return err
	case problem.Attempts != 1:
		return fmt.Errorf("what does not help was done %d times", problem.Attempts)
	}
	fmt.Printf("error: %s (%s)\n", problem, problem.Faults[0].CorrelationID)
	return nil
}
