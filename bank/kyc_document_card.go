package bank

import (
	"context"
	"time"

	"bankgraph/db"
	"bankgraph/models"
)

// A customer has one payment card until a KYC check was recorded after it; then a new one takes its place, and the old one stays as history. So no way may lead
// from one card to another but this: the number is given once, and a card that was deleted still counts. Tables keep the same: one card that is not superseded
// for each customer, and none that is superseded without a check.

// makeRoomForCard lets a new payment card take the place of the one that the customer gave before.
func makeRoomForCard(ctx context.Context, tx *db.Store, trail *trail, document *models.KycDocument) error {
	if document.Type != models.KycDocumentTypePaymentCard {
		return nil
	}
	card, err := tx.PaymentCard(ctx, document.BankID, document.CustomerID)
	if err != nil || card == nil {
		return err
	}
	check, err := tx.KycCheckAfter(ctx, card.BankID, card.CustomerID, card.CreatedAt)
	if err != nil {
		return err
	}
	if check == nil {
		return models.HasPaymentCard()
	}
	before := *card
	card.SupersededAt, card.SupersededAfterUUID, document.SupersedesUUID = new(time.Now()), &check.KycCheckID, &card.KycDocumentID
	if err := trail.note(ctx, card, &before, card); err != nil {
		return err
	}
	return tx.UpdateRow(ctx, card)
}

// mustKeepCard refuses to make another card of one. A document without a number may be given it, as long as no check was of the customer without.
func mustKeepCard(ctx context.Context, tx *db.Store, document, before *models.KycDocument) error {
	if document.HasSameCard(before) {
		return nil
	}
	if before.CardLastFour != nil {
		return models.GaveCard()
	}
	check, err := tx.KycCheckAfter(ctx, document.BankID, document.CustomerID, document.CreatedAt)
	if err == nil && check != nil {
		err = models.GaveCard()
	}
	return err
}
