package db

import (
	"context"

	"bankgraph/models"
)

// maxCountedBranches is how many branches are counted each for itself; a chart has no room for more.
const maxCountedBranches = 50

// countsByKycStatus counts the customers of a list by what their KYC timeline says: each state, also those that nobody is in.
func (s *Store) countsByKycStatus(ctx context.Context, list bankList) ([]*models.KycStatusCount, error) {
	var found []*models.KycStatusCount
	err := list.whole(s, "customer").ColumnExpr(kycStateSQL+" AS kyc_status").ColumnExpr("count(*) AS count").GroupExpr("1").Scan(ctx, &found)
	if err != nil {
		return nil, known(err)
	}
	counted := map[models.KycState]int{}
	for _, count := range found {
		counted[count.KycStatus] = count.Count
	}
	counts := []*models.KycStatusCount{}
	for _, state := range models.AllKycState {
		counts = append(counts, &models.KycStatusCount{KycStatus: state, Count: counted[state]})
	}
	return counts, nil
}

// countsByBranch counts the customers of a list by branch, the largest first; those beyond the first ones together.
func (s *Store) countsByBranch(ctx context.Context, list bankList) ([]*models.BranchCount, error) {
	var found []struct {
		BankID   string
		BranchID *string
		Count    int
		Total    int
	}
	// By bank as well: two banks may have branches of the same name.
	err := list.whole(s, "customer").ColumnExpr("row.bank_id, row.branch_id").ColumnExpr("count(*) AS count").
		ColumnExpr("sum(count(*)) OVER ()::bigint AS total").GroupExpr("1, 2").OrderExpr("3 DESC, 1, 2 NULLS LAST").
		Limit(maxCountedBranches).Scan(ctx, &found)
	if err != nil {
		return nil, known(err)
	}
	counts, others := []*models.BranchCount{}, 0
	for i, row := range found {
		if i == 0 {
			others = row.Total
		}
		others -= row.Count
		counts = append(counts, &models.BranchCount{BankID: &found[i].BankID, BranchID: row.BranchID, Count: row.Count})
	}
	if others > 0 {
		counts = append(counts, &models.BranchCount{Count: others, IsOthers: true})
	}
	return counts, nil
}
