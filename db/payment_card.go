package db

import (
	"context"

	"bankgraph/models"
)

// ClaimCardTry counts that a card is about to be compared on an account, unless that was done so many times on this day, by the clock of the database: then it is false.
// A day that has gone by is not gone back to, whoever waited for the row over midnight.
func (s *Store) ClaimCardTry(ctx context.Context, account *models.Account, most int) (bool, error) {
	result, err := s.rows.NewRaw(`
		INSERT INTO payment_card_try AS known (bank_id, account_id, day, tries)
		VALUES (?, ?, (clock_timestamp() AT TIME ZONE 'UTC')::date, 1)
		ON CONFLICT (account_id, bank_id) DO UPDATE
		SET tries = CASE WHEN known.day < excluded.day THEN 1 ELSE known.tries + 1 END, day = GREATEST(known.day, excluded.day)
		WHERE known.day < excluded.day OR known.tries < ?`, account.BankID, account.AccountID, most).Exec(ctx)
	if err != nil {
		return false, known(err)
	}
	claimed, err := result.RowsAffected()
	return claimed == 1, err
}

// ForgetCardTries is for when the right card came: those after it count anew.
func (s *Store) ForgetCardTries(ctx context.Context, account *models.Account) error {
	_, err := s.rows.NewRaw("UPDATE payment_card_try SET tries = 0 WHERE account_id = ? AND bank_id = ?", account.AccountID, account.BankID).Exec(ctx)
	return known(err)
}
