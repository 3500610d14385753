package bank_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/shopspring/decimal"

	"bankgraph/auth"
	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/models"
)

// terms is an input that would do.
func terms(kind models.TransactionRequestType, threshold string) models.SetTransactionRequestTypeInput {
	return models.SetTransactionRequestTypeInput{BankID: firstBank, Type: kind, IsSupported: true, ChallengeThreshold: decimal.RequireFromString(threshold)}
}

// told are the thresholds that an account of a bank in a currency is told, by type.
func (h house) told(t *testing.T, bankID, currency string) map[models.TransactionRequestType]string {
	t.Helper()
	asked := models.AccountTerms{BankID: bankID, AccountID: newUUID(t), Currency: currency}
	var answers [][]*models.TransactionRequestTerms
	// Both ways in which they are read: alone, and in the transaction of a request.
	err := h.store.InTx(t.Context(), func(tx *db.Store) (err error) {
		answers, err = bank.TermsOf(t.Context(), tx, []models.AccountTerms{asked})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	again, err := h.AccountTerms(t.Context(), []models.AccountTerms{asked, asked})
	if err != nil || len(again) != 2 || len(again[1]) != len(answers[0]) {
		t.Fatal(again, err)
	}
	thresholds := map[models.TransactionRequestType]string{}
	for _, one := range answers[0] {
		if one.Currency != currency || one.Ref() != asked.Ref() || !one.IsSupported {
			t.Errorf("%+v", one)
		}
		thresholds[one.Type] = models.FormatDecimal(one.ChallengeThreshold().Amount)
	}
	return thresholds
}

func TestAnAccountIsToldTheTermsInItsCurrency(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const sepa = models.TransactionRequestTypeSepa
	for _, c := range []struct {
		name, bank, currency, want string
		types                      int
	}{
		{"as they are set", firstBank, "EUR", "1000.00", 9},
		{"M23 another currency, at the bank's rate", firstBank, "PLN", "4320.00", 9},
		{"M16 a currency without decimals", firstBank, "JPY", "121567", 9},
		{"M16 a currency with three", firstBank, "JOD", "838.098", 9},
		{"a currency with terms of its own", firstBank, "GBP", "900.00", 9},
		{"M20 a currency without a rate", firstBank, "NOK", "", 0},
		{"the defaults", secondBank, "EUR", "1000.00", 6},
		{"the defaults in another currency", secondBank, "GBP", "860.01", 6},
	} {
		if told := h.told(t, c.bank, c.currency); len(told) != c.types || told[sepa] != c.want {
			t.Errorf("%s: %s, and %d types", c.name, told[sepa], len(told))
		}
	}
	if told := h.told(t, firstBank, "EUR"); told[models.TransactionRequestTypeRefund] != "0.00" {
		t.Errorf("a refund takes a challenge from %s on", told[models.TransactionRequestTypeRefund])
	}
}

func TestSetTransactionRequestType(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin := h.as(t, "demo-admin")
	inFrancs := terms(models.TransactionRequestTypeSepa, "950")
	inFrancs.ForCurrency = to("CHF")
	off := terms(models.TransactionRequestTypeCard, "0")
	off.IsSupported = false
	for _, input := range []models.SetTransactionRequestTypeInput{terms(models.TransactionRequestTypeSepa, "10"), terms(models.TransactionRequestTypeSepa, "20.50"), inFrancs, off} {
		if _, err := h.SetTransactionRequestType(admin, input); err != nil {
			t.Fatal(err)
		}
	}
	if told := h.told(t, firstBank, "EUR"); told[models.TransactionRequestTypeSepa] != "20.50" || len(told) != 8 {
		t.Errorf("%v", told)
	}
	if told := h.told(t, firstBank, "CHF"); told[models.TransactionRequestTypeSepa] != "950.00" || len(told) != 1 {
		t.Errorf("without a rate there are the terms for francs alone: %v", told)
	}
	if told := h.told(t, secondBank, "EUR"); told[models.TransactionRequestTypeSepa] != "1000.00" {
		t.Errorf("A02 those of the other bank were changed: %v", told)
	}
	var changed int
	if err := h.store.Pool().QueryRow(t.Context(), `SELECT count(*) FROM audit_entry WHERE action = 'setTransactionRequestType' AND object_id = 'SEPA'
		AND old_values->>'challengeThresholdAmount' = '10' AND new_values->>'challengeThresholdAmount' = '20.5'`).Scan(&changed); err != nil || changed != 1 {
		t.Errorf("%d audit entries: %v", changed, err)
	}
	_, err := h.SetTransactionRequestType(admin, terms(models.TransactionRequestTypeRefund, "1"))
	wantFields(t, err, models.BadInput, "OBP-10001", "input.challengeThreshold")
}

func TestWhoMaySetTerms(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(t, "demo-approver", auth.CanSetTransactionRequestType, secondBank)
	for _, user := range []string{"demo-stranger", "demo-owner", "demo-officer", "demo-approver"} {
		_, err := h.SetTransactionRequestType(h.as(t, user), terms(models.TransactionRequestTypeSepa, "10"))
		wantRefusal(t, err, models.Forbidden, "OBP-20006")
	}
	if told := h.told(t, firstBank, "EUR"); told[models.TransactionRequestTypeSepa] != "1000.00" {
		t.Errorf("%v", told)
	}
}

func TestManyWhoSetTheSameTermsAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin := h.as(t, "demo-admin")
	var group sync.WaitGroup
	for i := range 12 {
		group.Go(func() {
			input := terms(models.TransactionRequestTypeSepa, fmt.Sprint(i))
			input.ForCurrency = to("NOK")
			if _, err := h.SetTransactionRequestType(admin, input); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if told := h.told(t, firstBank, "NOK"); len(told) != 1 {
		t.Errorf("%v", told)
	}
}

func TestABankHasTwoHundredTermsAtMost(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if _, err := h.store.Pool().Exec(t.Context(), `INSERT INTO transaction_request_type (transaction_request_type_id, bank_id, type, for_currency, is_supported, currency,
			challenge_threshold, charge_summary, charge_policy, charge_fixed, charge_percentage)
		SELECT gen_random_uuid(), $1, 'ACCOUNT', code, true, code, 0, 'of a test', 'SHARED', 0, 0
		FROM (SELECT 'X' || chr(65 + n / 26) || chr(65 + n % 26) AS code FROM generate_series(1, 200 - (SELECT count(*)::int FROM transaction_request_type WHERE bank_id = $1)) AS n) AS made`, firstBank); err != nil {
		t.Fatal(err)
	}
	input := terms(models.TransactionRequestTypeSepa, "10")
	if _, err := h.SetTransactionRequestType(h.as(t, "demo-admin"), input); err != nil {
		t.Errorf("those that are there cannot be set anew: %v", err)
	}
	input.ForCurrency = to("NOK")
	_, err := h.SetTransactionRequestType(h.as(t, "demo-admin"), input)
	wantRefusal(t, err, models.Policy, "")
}
