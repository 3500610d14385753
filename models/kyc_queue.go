package models

import "context"

// KycQueue is what waits for the KYC team of a bank, in numbers that are counted when they are asked for.
type KycQueue struct {
	BankID string

	Awaiting func(context.Context) (int, error)
	ByReview func(context.Context) ([]*KycReviewStatusCount, error)
	Expiring func(ctx context.Context, withinDays int) (int, error)
	Expired  func(context.Context) (int, error)
	ByStatus func(context.Context) ([]*KycStatusCount, error)
}

// maxQueueDays is how far somebody can look ahead.
const maxQueueDays = 3660

// Ref says which bank the numbers are of.
func (q *KycQueue) Ref() Ref { return Ref{BankID: q.BankID} }

// CustomersAwaitingReview is how many customers have a document that nobody has reviewed.
func (q *KycQueue) CustomersAwaitingReview(ctx context.Context) (int, error) { return q.Awaiting(ctx) }

// DocumentsByReviewStatus is how many documents there are, by what the review said.
func (q *KycQueue) DocumentsByReviewStatus(ctx context.Context) ([]*KycReviewStatusCount, error) {
	return q.ByReview(ctx)
}

// DocumentsExpiring is how many documents expire from today on, within so many days.
func (q *KycQueue) DocumentsExpiring(ctx context.Context, withinDays int) (int, error) {
	if withinDays < 1 || withinDays > maxQueueDays {
		return 0, Errorf(BadInput, "`withinDays` must be between 1 and %d", maxQueueDays).OBP("OBP-10001")
	}
	return q.Expiring(ctx, withinDays)
}

// DocumentsExpired is how many documents expired before today.
func (q *KycQueue) DocumentsExpired(ctx context.Context) (int, error) { return q.Expired(ctx) }
