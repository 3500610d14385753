package db

import (
	"context"
	"fmt"
	"strings"

	"bankgraph/models"
)

// What of a KYC file is in the queue, as conditions on documents that are in it. The partial indexes have the same ones.
const (
	awaitingSQL = "review_status = 'NEW'"
	countingSQL = "review_status <> 'INVALID'" // whether a document proves something, or may
	todaySQL    = "(now() AT TIME ZONE 'UTC')::date"
)

// KycQueue is what waits for the KYC team of a bank.
func (s *Store) KycQueue(bankID string) *models.KycQueue {
	count := func(ctx context.Context, sql string, arguments ...any) (count int, err error) {
		err = s.rows.NewRaw(sql, append([]any{bankID}, arguments...)...).Scan(ctx, &count)
		return count, known(err)
	}
	return &models.KycQueue{
		BankID: bankID,
		Awaiting: func(ctx context.Context) (int, error) {
			return count(ctx, "SELECT count(DISTINCT customer_id) FROM live_kyc_document WHERE bank_id = ? AND "+awaitingSQL)
		},
		ByReview: func(ctx context.Context) ([]*models.KycReviewStatusCount, error) {
			return s.countsByReview(ctx, bankID)
		},
		Expiring: func(ctx context.Context, withinDays int) (int, error) {
			return count(ctx, "SELECT count(*) FROM live_kyc_document WHERE bank_id = ? AND "+countingSQL+
				" AND expires_on >= "+todaySQL+" AND expires_on < "+todaySQL+" + ?::integer", withinDays)
		},
		Expired: func(ctx context.Context) (int, error) {
			return count(ctx, "SELECT count(*) FROM live_kyc_document WHERE bank_id = ? AND "+countingSQL+" AND expires_on < "+todaySQL)
		},
		ByStatus: func(ctx context.Context) ([]*models.KycStatusCount, error) {
			return s.countsByKycStatus(ctx, bankList{banks: []string{bankID}})
		},
	}
}

func (s *Store) countsByReview(ctx context.Context, bankID string) ([]*models.KycReviewStatusCount, error) {
	var found []models.KycReviewStatusCount
	// Each by itself, so that the index of its rows alone counts them.
	var counts []string
	for _, status := range models.AllKycReviewStatus {
		counts = append(counts, fmt.Sprintf("SELECT '%s' AS review_status, count(*) AS count FROM live_kyc_document WHERE bank_id = ?0 AND review_status = '%[1]s'", status))
	}
	err := s.rows.NewRaw(strings.Join(counts, " UNION ALL "), bankID).Scan(ctx, &found)
	if err != nil {
		return nil, known(err)
	}
	counted := map[models.KycReviewStatus]int{}
	for _, count := range found {
		counted[count.ReviewStatus] = count.Count
	}
	return models.CountsByReview(counted), nil
}
