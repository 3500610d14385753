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
