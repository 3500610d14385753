package db

import (
	"context"

	"bankgraph/models"
)

// afterTheOthers is when a decision is recorded: now, and in any case after all others on the customer, so that the last one to be
// recorded is the newest also when the clock was put back, or is another server's.
const afterTheOthers = `greatest(clock_timestamp(), (SELECT max(recorded_at) + interval '1 microsecond' FROM kyc_status AS other
	WHERE other.customer_id = ? AND other.bank_id = ?))`

// InsertKycStatus records a decision on a customer who is locked, and marks the one before it as superseded, and the customer as one with a decision.
func (s *Store) InsertKycStatus(ctx context.Context, status *models.KycStatus) error {
	_, err := s.rows.NewInsert().Model(status).Value("recorded_at", afterTheOthers, status.CustomerID, status.BankID).
		Returning("decided_at, recorded_at").Exec(ctx)
	if err != nil {
		return known(err)
	}
	_, err = s.rows.NewUpdate().Table("kyc_status").Set("superseded_at = ?", status.RecordedAt).
		Where("customer_id = ?", status.CustomerID).Where("bank_id = ?", status.BankID).
		Where("superseded_at IS NULL").Where("kyc_status_id <> ?", status.KycStatusID).Exec(ctx)
	if err != nil {
		return known(err)
	}
	_, err = s.rows.NewUpdate().Table("customer").Set("has_kyc_status = true").
		Where("customer_id = ?", status.CustomerID).Where("bank_id = ?", status.BankID).Where("NOT has_kyc_status").Exec(ctx)
	return known(err)
}
