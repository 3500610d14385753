package db_test

import (
	"slices"
	"testing"

	"bankgraph/db/dbtest"
	"bankgraph/models"
)

func TestWhatEachViewPermits(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	all := []string{
		"can_see_bank_account_balance", models.CanSeeTransactions, models.CanSeeTransactionRequests, models.CanSeeTransactionRequestTypes,
		models.CanAddTransactionRequestToAnyAccount, models.CanAddTransactionRequestToBeneficiary, models.CanGetCounterparty, models.CanAddCounterparty,
	}
	without := func(some ...string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(one string) bool { return slices.Contains(some, one) })
	}
	for viewID, want := range map[string][]string{
		"owner":      append(without(), models.CanGrantAccessToViews, models.CanRevokeAccessToViews),
		"standard":   all,
		"accountant": without(models.CanSeeTransactionRequests, models.CanSeeTransactionRequestTypes),
		"auditor":    without(models.CanSeeTransactionRequests, models.CanSeeTransactionRequestTypes, models.CanAddCounterparty),
	} {
		view, err := store.AccountView(t.Context(), viewID)
		if err != nil || view == nil {
			t.Fatalf("%s: %+v %v", viewID, view, err)
		}
		slices.Sort(want)
		if got := slices.Sorted(slices.Values(view.Permissions)); !slices.Equal(got, want) {
			t.Errorf("%s permits %v instead of %v", viewID, got, want)
		}
	}
	_, err := store.Pool().Exec(t.Context(), "INSERT INTO account_view VALUES ('_all', 'of a test', '{can_add_transaction_request_to_any_account}')")
	if err == nil {
		t.Error("a view permits to pay anybody, and not beneficiaries")
	}
}
