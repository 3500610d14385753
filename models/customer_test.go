package models

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
)

func TestCustomer(t *testing.T) {
	t.Parallel()

	t.Run("what a customer does not have is null", func(t *testing.T) {
		t.Parallel()
		bare := &Customer{}
		if bare.FaceImage() != nil || bare.CreditRating() != nil || bare.CreditLimit() != nil {
			t.Errorf("got %v, %v, %v", bare.FaceImage(), bare.CreditRating(), bare.CreditLimit())
		}
	})

	t.Run("a source without a rating, or a time without a picture, shows nothing", func(t *testing.T) {
		t.Parallel()
		half := &Customer{FaceImageTakenAt: new(time.Now()), CreditRatingSource: new("OBP"), CreditLimitCurrency: new("EUR")}
		if half.FaceImage() != nil || half.CreditRating() != nil || half.CreditLimit() != nil {
			t.Errorf("got %v, %v, %v", half.FaceImage(), half.CreditRating(), half.CreditLimit())
		}
	})

	t.Run("the picture of the face has its time, if it is known", func(t *testing.T) {
		t.Parallel()
		at := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
		for _, taken := range []*time.Time{nil, &at} {
			customer := &Customer{FaceImageURL: new("https://example.com/1.png"), FaceImageTakenAt: taken}
			if diff := cmp.Diff(&FaceImage{URL: "https://example.com/1.png", TakenAt: taken}, customer.FaceImage()); diff != "" {
				t.Error(diff)
			}
		}
	})

	t.Run("the credit rating has its source, if it is known", func(t *testing.T) {
		t.Parallel()
		for _, source := range []*string{nil, new("OBP")} {
			customer := &Customer{CreditRatingGrade: new("A"), CreditRatingSource: source}
			if diff := cmp.Diff(&CreditRating{Rating: "A", Source: source}, customer.CreditRating()); diff != "" {
				t.Error(diff)
			}
		}
	})

	t.Run("a credit limit of nothing is a limit", func(t *testing.T) {
		t.Parallel()
		customer := &Customer{CreditLimitAmount: decimal.NewNullDecimal(decimal.Zero), CreditLimitCurrency: new("EUR")}
		limit := customer.CreditLimit()
		if limit == nil || limit.Currency != "EUR" || written(t, MarshalDecimal(limit.Amount)) != "0.00" {
			t.Errorf("got %v, want 0.00 EUR", limit)
		}
	})

	t.Run("nobody's short overview is nobody", func(t *testing.T) {
		t.Parallel()
		var nobody *Customer
		if nobody.Flat() != nil {
			t.Error("nil became a customer")
		}
		somebody := &Customer{LegalName: "Eveline"}
		if flat := somebody.Flat(); flat == nil || flat.Customer != somebody {
			t.Errorf("got %v", flat)
		}
	})
}
