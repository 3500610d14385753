package bank_test

import (
	"testing"

	"bankgraph/models"
)

// TestALetterSaysAllThatItsCodeApproves: where the money goes in a field of its own, beside the name that the payer gave, and what the bank charges. The challenge shows the same.
func TestALetterSaysAllThatItsCodeApproves(t *testing.T) {
	t.Parallel()
	h := newTill(t).byMail()
	anna, ben := h.open(firstBank, "EUR", "50000"), h.open(firstBank, "EUR", "0")
	h.sql("UPDATE transaction_request_type SET charge_fixed = 1.5, charge_summary = 'A fee', charge_policy = 'SENDER' WHERE type = 'SEPA'")
	says := func(request *models.TransactionRequest) (said models.OutboxPayload) {
		t.Helper()
		if err := h.store.Pool().QueryRow(t.Context(), "SELECT m.payload FROM outbox_message AS m JOIN challenge AS c ON c.challenge_id = m.about_id WHERE c.transaction_request_id = $1",
			request.TransactionRequestID).Scan(&said); err != nil {
			t.Fatal(err)
		}
		return said
	}
	got := says(h.must(pay(anna, ben, "1000")))
	want := models.OutboxPayload{BankName: got.BankName, Name: "demo-owner", Amount: "1000.00", Currency: "EUR", PayeeAddress: ben.ID().String()}
	if got != want {
		t.Errorf("%+v", got)
	}
	abroad := h.must(pay(anna, nil, "1000", paying(models.PayeeInput{Sepa: &models.PayeeSepaInput{IBAN: anIBAN, Name: to("Ines Moreau")}})))
	want.PayeeAddress, want.Payee, want.Charge, want.ChargePolicy = anIBAN, "Ines Moreau", "1.50", models.ChargePolicySender
	if got := says(abroad); got != want {
		t.Errorf("%+v", got)
	}
	shown, err := h.OwnChallenges(h.as(t, "demo-owner"), nil, models.PageArguments{First: to(1)})
	if err != nil {
		t.Fatal(err)
	}
	if charge := shown.Nodes()[0].Charge(); charge.Summary != "A fee" || !charge.Value.Amount.Equal(number("1.5")) || shown.Nodes()[0].ChargePolicy != models.ChargePolicySender {
		t.Errorf("%+v", charge)
	}
}

// TestARefundAcrossBanksIsTheBusinessOfTheBankThatPays: its letters, and what those do who are asked, belong to that bank; that it is taken back to the one that asks.
func TestARefundAcrossBanksIsTheBusinessOfTheBankThatPays(t *testing.T) {
	t.Parallel()
	h := newTill(t).byMail()
	anna, shop := h.open(firstBank, "EUR", "100"), h.open(secondBank, "EUR", "50", models.OwnerView)
	h.give("demo-approver", shop, "standard")
	if _, err := h.SetTransactionRequestType(h.as(t, "demo-admin"), models.SetTransactionRequestTypeInput{BankID: secondBank, Type: models.TransactionRequestTypeRefund, IsSupported: true}); err != nil {
		t.Fatal(err)
	}
	ask := func() *models.TransactionRequest {
		t.Helper()
		original := h.must(pay(anna, shop, "30"))
		return h.must(pay(anna, nil, "10", refund(original, nil, &models.PayeeRefundToInput{Account: payeeAt(shop)})))
	}
	rejected, taken := ask(), ask()
	h.sql("UPDATE challenge SET sent_at = sent_at - interval '1 minute'")
	resend := models.ResendChallengeInput{BankID: firstBank, ChallengeID: h.challengeOf(rejected, "demo-approver")}
	if _, err := h.ResendChallenge(h.as(t, "demo-approver"), resend); err != nil {
		t.Fatal(err)
	}
	_, err := h.answer("demo-approver", rejected, "000000")
	wantRefusal(t, err, models.ChallengeFailed, "OBP-40016")
	if _, err := h.RejectTransactionRequest(h.as(t, "demo-approver"), models.RejectTransactionRequestInput{BankID: firstBank, AccountID: anna.ID(), TransactionRequestID: rejected.ID()}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.CancelTransactionRequest(h.as(t, "demo-owner"), models.CancelTransactionRequestInput{BankID: firstBank, AccountID: anna.ID(), TransactionRequestID: taken.ID()}); err != nil {
		t.Fatal(err)
	}
	if n := h.count("SELECT count(*) FROM outbox_message WHERE bank_id <> $1 OR state <> 'VOID' OR sealed IS NOT NULL", secondBank); n != 0 {
		t.Errorf("%d letters are of the bank that asks, or are left", n)
	}
	for action, bankID := range map[string]string{
		"resendChallenge": secondBank, "rejectTransactionRequest": secondBank, "answerTransactionRequestChallenge": secondBank, "cancelTransactionRequest": firstBank,
	} {
		if n, other := h.count("SELECT count(*) FROM audit_entry WHERE action = $1 AND bank_id = $2", action, bankID), h.count("SELECT count(*) FROM audit_entry WHERE action = $1 AND bank_id <> $2", action, bankID); n == 0 || other != 0 {
			t.Errorf("%s: %d entries at %s, and %d elsewhere", action, n, bankID, other)
		}
	}
}

// TestAnAlertIsOfABankThatTheUserHasToDoWith, and of none that they merely name.
func TestAnAlertIsOfABankThatTheUserHasToDoWith(t *testing.T) {
	t.Parallel()
	h := newTill(t).byMail()
	anna, ben := h.open(firstBank, "EUR", "5000"), h.open(firstBank, "EUR", "0")
	in := answerOf(h.must(pay(anna, ben, "1000")), models.ID{Kind: models.KindChallenge, UUID: newUUID(t)}, "000000")
	in.BankID = secondBank
	h.sql("DELETE FROM account_access WHERE bank_id = $1", secondBank)
	for range 5 {
		in.IdempotencyKey = newUUID(t).String()
		_, err := h.AnswerChallenge(h.as(t, "demo-owner"), in)
		wantRefusal(t, err, models.ChallengeFailed, "OBP-40016")
	}
	if n := h.count("SELECT count(*) FROM outbox_message WHERE kind = 'CHALLENGE_ALERT_EMAIL' AND bank_id = $1", firstBank); n != 1 {
		t.Errorf("%d alerts are of the user's bank", n)
	}
}
