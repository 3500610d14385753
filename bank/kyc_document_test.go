package bank_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"bankgraph/db"
	"bankgraph/models"
)

const (
	visa       = "4111111111111111" // an issuer's test card
	mastercard = "5555555555554444"
)

func identity(number string) *models.KycDocumentDataInput {
	return &models.KycDocumentDataInput{Identity: &models.KycIdentityInput{Type: models.KycIdentityTypePassport, Number: &number}}
}

func card(number string) *models.KycDocumentDataInput {
	return &models.KycDocumentDataInput{PaymentCard: &models.KycPaymentCardInput{CardNumber: &number}}
}

// addDocument adds a document with this data, and its row must be there.
func (h house) addDocument(ctx context.Context, t *testing.T, customer models.ID, data *models.KycDocumentDataInput) *models.KycDocument {
	t.Helper()
	written, err := h.AddKycDocument(ctx, models.AddKycDocumentInput{BankID: firstBank, CustomerID: customer, Provider: models.KycDocumentProviderManual, Data: data})
	if err != nil || written.Row == nil || written.Customer == nil {
		t.Fatalf("%+v, %v", written, err)
	}
	return written.Row
}

func verdict(of *models.KycDocument, version int, declined ...models.KycDeclineReason) models.ReviewKycDocumentInput {
	in := models.ReviewKycDocumentInput{BankID: of.BankID, CustomerID: models.ID{Kind: models.KindCustomer, UUID: of.CustomerID}, ID: of.ID(), Version: version}
	if in.Verdict = (&models.KycVerdictInput{Valid: &models.KycAcceptanceInput{}}); len(declined) > 0 {
		in.Verdict = &models.KycVerdictInput{Invalid: &models.KycDeclineInput{Reasons: declined, Comment: "Not like this."}}
	}
	return in
}

func revision(of *models.KycDocument, version *models.SeenVersion) models.UpdateKycDocumentInput {
	return models.UpdateKycDocumentInput{BankID: of.BankID, CustomerID: models.ID{Kind: models.KindCustomer, UUID: of.CustomerID}, ID: of.ID(), Version: version}
}

func removal(of *models.KycDocument) models.DeleteKycDocumentInput {
	return models.DeleteKycDocumentInput{BankID: of.BankID, CustomerID: models.ID{Kind: models.KindCustomer, UUID: of.CustomerID}, ID: of.ID()}
}

const insertCheck = `INSERT INTO kyc_check (kyc_check_id, bank_id, customer_id, checked_at, how, staff_user_id, staff_name, is_satisfied, comments)
	VALUES ($1, $2, $3, now(), 'branch_visit', 's', 's', true, 'c')`

// check records a KYC check, as SQL could.
func (h house) check(t *testing.T, customer models.ID) {
	t.Helper()
	if _, err := h.store.Pool().Exec(t.Context(), insertCheck, uuid.New(), firstBank, customer.UUID); err != nil {
		t.Fatal(err)
	}
}

func TestADocumentIsKeptAsItWasGiven(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, customer := h.as(t, "demo-admin"), h.customer(t, "5987953")
	day := func(year int) *time.Time { return to(time.Date(year, 3, 1, 0, 0, 0, 0, time.UTC)) }
	at := time.Date(2025, 1, 2, 3, 4, 5, 678901234, time.UTC)
	for name, test := range map[string]struct {
		data  *models.KycDocumentDataInput
		group models.KycDocumentGroup
	}{
		"an identity": {&models.KycDocumentDataInput{Identity: &models.KycIdentityInput{
			Type: models.KycIdentityTypeRefugeeCard, Number: to("N12345678"), AdditionalNumber: to("A12345678"), IssuedOn: day(2020), ExpiresOn: day(2030), IssuePlace: to("Vigo"), IssuingAuthority: to("Registry"),
		}}, models.KycDocumentGroupIdentity},
		"a proof of funds": {&models.KycDocumentDataInput{ProofOfFunds: &models.KycProofOfFundsInput{
			Type: models.KycProofOfFundsTypeFinancialDocument, AccountNumber: to("ES6132835450432427368787"), IncomeSources: models.AllKycIncomeSource,
			AnnualIncome: to(models.KycAnnualIncomeAboveThreeHundredThousand), OriginOfFunds: to("Savings"),
			Transaction: &models.KycTransactionInput{Amount: to(decimal.RequireFromString("0.12345678")), Currency: to("BTC"), MadeAt: &at, Purpose: to("Flat")},
		}}, models.KycDocumentGroupProofOfFunds},
		"a card":         {card(visa), models.KycDocumentGroupPaymentCard},
		"a tax id":       {&models.KycDocumentDataInput{TaxID: &models.KycTaxIDInput{Number: to("12345678X")}}, models.KycDocumentGroupTaxID},
		"an address":     {&models.KycDocumentDataInput{Address: &models.KycAddressInput{IssuedOn: day(2024)}}, models.KycDocumentGroupAddress},
		"a selfie":       {&models.KycDocumentDataInput{Selfie: &models.KycSelfieInput{}}, models.KycDocumentGroupSelfie},
		"company papers": {&models.KycDocumentDataInput{CompanyPapers: &models.KycCompanyPapersInput{Type: models.KycCompanyPapersTypeRegistrationCompany}}, models.KycDocumentGroupCompanyPapers},
	} {
		t.Run(name, func(t *testing.T) {
			made := h.addDocument(admin, t, customer, test.data)
			found, err := db.Child[models.KycDocument](t.Context(), h.store, firstBank, customer.UUID, made.KycDocumentID)
			if err != nil || found == nil || !found.HasSameContent(made) {
				t.Fatalf("%+v, %v", found, err)
			}
			wanted, _ := models.AddKycDocumentInput{BankID: firstBank, CustomerID: customer, Data: test.data}.Document(made.KycDocumentID)
			if !found.HasSameContent(wanted) || found.Group() != test.group || found.ReviewStatus != models.KycReviewStatusNew || found.Version != 1 ||
				!slices.Equal(found.EnteredBy, []uuid.UUID{h.id(t, "demo-admin").UUID}) {
				t.Errorf("%+v", found)
			}
			if (found.ProofOfFunds() != nil) != (test.group == models.KycDocumentGroupProofOfFunds) || (found.PaymentCard() != nil) != (test.group == models.KycDocumentGroupPaymentCard) {
				t.Errorf("%+v %+v", found.ProofOfFunds(), found.PaymentCard())
			}
		})
	}
}

func TestAllThatIsWrongWithADocumentIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, customer := h.as(t, "demo-admin"), h.customer(t, "5987953")
	long := func(n int) *string { return to(strings.Repeat("é", n)) }
	day := func(days int) *time.Time { return to(time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, days)) }
	add := func(data *models.KycDocumentDataInput) error {
		_, err := h.AddKycDocument(admin, models.AddKycDocumentInput{BankID: firstBank, CustomerID: customer, Provider: models.KycDocumentProviderAdmin, Data: data})
		return err
	}
	funds := func(over int, sources []models.KycIncomeSource, amount, currency *string) *models.KycDocumentDataInput {
		in := &models.KycProofOfFundsInput{
			Type: models.KycProofOfFundsTypeBankStatement, Number: long(50 + over), AdditionalNumber: long(50 + over), AccountNumber: long(50 + over), IssuePlace: long(512 + over),
			IssuingAuthority: long(255 + over), OriginOfFunds: long(255 + over), IncomeSources: sources,
			Transaction: &models.KycTransactionInput{Currency: currency, Purpose: long(255 + over)},
		}
		if amount != nil {
			in.Transaction.Amount = to(decimal.RequireFromString(*amount))
		}
		return &models.KycDocumentDataInput{ProofOfFunds: in}
	}
	if err := add(funds(0, models.AllKycIncomeSource, to("999999999999999999.99"), to("EUR"))); err != nil {
		t.Errorf("what is short enough is refused: %v", err)
	}
	at := func(group string, fields ...string) (paths []string) {
		for _, field := range fields {
			paths = append(append(paths, "input", "data", group), strings.Split(field, ".")...)
		}
		return paths
	}
	twice := []models.KycIncomeSource{models.KycIncomeSourceLoan, models.KycIncomeSourceOther, models.KycIncomeSourceLoan}
	all := []string{"number", "additionalNumber", "accountNumber", "issuePlace", "issuingAuthority", "originOfFunds", "incomeSources", "transaction.purpose", "transaction.amount"}
	for name, test := range map[string]struct {
		data  *models.KycDocumentDataInput
		wrong []string
	}{
		"all that is too long":                        {funds(1, twice, to("1.005"), to("EUR")), at("proofOfFunds", all...)},
		"M14 an amount of nothing":                    {funds(0, nil, to("0"), to("EUR")), at("proofOfFunds", "transaction.amount")},
		"M14 an amount below nothing":                 {funds(0, nil, to("-1"), to("EUR")), at("proofOfFunds", "transaction.amount")},
		"an amount without a currency":                {funds(0, nil, to("1"), nil), at("proofOfFunds", "transaction.currency")},
		"a currency without an amount":                {funds(0, nil, nil, to("EUR")), at("proofOfFunds", "transaction.amount")},
		"a currency of four letters":                  {funds(0, nil, to("1"), to("USDT")), at("proofOfFunds", "transaction.currency")},
		"a currency in small letters":                 {funds(0, nil, to("1"), to("eur")), at("proofOfFunds", "transaction.currency")},
		"no currency":                                 {funds(0, nil, to("1"), to("")), at("proofOfFunds", "transaction.currency")},
		"an empty number":                             {identity(""), at("identity", "number")},
		"K04 issued tomorrow, expired the day before": {&models.KycDocumentDataInput{Identity: &models.KycIdentityInput{Type: models.KycIdentityTypePassport, IssuedOn: day(2), ExpiresOn: day(1)}}, at("identity", "issuedOn", "expiresOn")},
		"a selfie of tomorrow":                        {&models.KycDocumentDataInput{Selfie: &models.KycSelfieInput{IssuedOn: day(2)}}, at("selfie", "issuedOn")},
		"a card number with a wrong check digit":      {card("4111111111111112"), at("paymentCard", "cardNumber")},
		"a card number in groups":                     {card("4111 1111 1111 1111"), at("paymentCard", "cardNumber")},
		"no card number":                              {card(""), at("paymentCard", "cardNumber")},
	} {
		t.Run(name, func(t *testing.T) {
			wantRefusal(t, add(test.data), models.BadInput, "OBP-10001", test.wrong...)
		})
	}
	if err := add(&models.KycDocumentDataInput{Identity: &models.KycIdentityInput{Type: models.KycIdentityTypePassport, IssuedOn: day(0), ExpiresOn: day(0)}}); err != nil {
		t.Errorf("issued and expiring today: %v", err)
	}
}

func TestUpdateKycDocument(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, officer, customer := h.as(t, "demo-admin"), h.as(t, "demo-officer"), h.customer(t, "5987953")
	made := h.addDocument(admin, t, customer, identity("AB1234567"))
	number := func(n int) *models.SeenVersion { return &models.SeenVersion{Number: &n} }
	if reviewed, err := h.ReviewKycDocument(officer, verdict(made, 1)); err != nil || reviewed.Row.ReviewStatus != models.KycReviewStatusValid || reviewed.Row.Version != 2 {
		t.Fatalf("%+v, %v", reviewed.Row, err)
	}
	t.Run("what changes nothing on it leaves the review", func(t *testing.T) {
		in := revision(made, number(2))
		in.Number, in.Provider = given(to("AB1234567")), given(to(models.KycDocumentProviderManual))
		changed, err := h.UpdateKycDocument(admin, in)
		if err != nil || changed.Row.ReviewStatus != models.KycReviewStatusValid || changed.Row.Version != 3 || changed.Row.ReviewerUUID == nil {
			t.Errorf("%+v, %v", changed.Row, err)
		}
	})
	t.Run("what changes something takes it back, and is told masked", func(t *testing.T) {
		in := revision(made, number(3))
		in.Number, in.Type, in.IssuePlace = given(to("AX1234567")), given(to(models.KycDocumentTypeGovernmentID)), given(to("Vigo"))
		changed, err := h.UpdateKycDocument(officer, in)
		if err != nil || changed.Row.ReviewStatus != models.KycReviewStatusNew || changed.Row.ReviewedAt != nil || changed.Row.ReviewerUUID != nil || models.Text(changed.Row.WholeNumber) != "AX1234567" ||
			changed.Row.Type != models.KycDocumentTypeGovernmentID || len(changed.Row.EnteredBy) != 2 {
			t.Errorf("%+v, %v", changed.Row, err)
		}
		if entries := h.count(t, `audit_entry WHERE action = 'updateKycDocument' AND object_id = $1 AND old_values ->> 'number' = '••••4567' AND new_values ->> 'number' = '••••4567'`, made.ID().String()); entries != 1 {
			t.Errorf("%d entries tell that the number changed", entries)
		}
	})
	t.Run("null takes away, absent stays", func(t *testing.T) {
		in := revision(made, anyVersion)
		in.IssuePlace = given[*string](nil)
		changed, err := h.UpdateKycDocument(admin, in)
		if err != nil || changed.Row.IssuePlace != nil || models.Text(changed.Row.WholeNumber) != "AX1234567" {
			t.Errorf("%+v, %v", changed.Row, err)
		}
	})
	t.Run("what its group cannot have, all at once, with what is wrong besides", func(t *testing.T) {
		in := revision(made, anyVersion)
		in.CardNumber, in.IncomeSources, in.OriginOfFunds = given(to(visa)), given([]models.KycIncomeSource{}), given[*string](nil)
		in.Number, in.Type, in.Provider = given(to("")), given(to(models.KycDocumentTypePaymentCard)), given[*models.KycDocumentProvider](nil)
		_, err := h.UpdateKycDocument(admin, in)
		wantRefusal(t, err, models.BadInput, "OBP-10001", "input", "type", "input", "provider", "input", "incomeSources", "input", "cardNumber", "input", "number")
	})
	t.Run("nothing, and another version", func(t *testing.T) {
		_, err := h.UpdateKycDocument(admin, revision(made, anyVersion))
		wantRefusal(t, err, models.BadInput, "OBP-10001", "input")
		in := revision(made, number(1))
		in.IssuePlace = given(to("Leeds"))
		_, err = h.UpdateKycDocument(admin, in)
		if refusal := wantRefusal(t, err, models.VersionConflict, ""); refusal.Version != 5 || refusal.Current == nil {
			t.Errorf("%+v", refusal)
		}
	})
}

func TestReviewKycDocument(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, officer, customer := h.as(t, "demo-admin"), h.as(t, "demo-officer"), h.customer(t, "5987953")
	made := h.addDocument(admin, t, customer, identity("AB1234567"))
	t.Run("who entered it does not review it, nor who changed it", func(t *testing.T) {
		_, err := h.ReviewKycDocument(admin, verdict(made, 1))
		wantRefusal(t, err, models.Policy, "")
		other := h.addDocument(admin, t, customer, identity("AB7654321"))
		in := revision(other, anyVersion)
		in.IssuePlace = given(to("Vigo"))
		if _, err := h.UpdateKycDocument(officer, in); err != nil {
			t.Fatal(err)
		}
		for _, who := range []context.Context{admin, officer} {
			_, err := h.ReviewKycDocument(who, verdict(other, 2))
			wantRefusal(t, err, models.Policy, "")
		}
	})
	t.Run("a decline says why", func(t *testing.T) {
		in := verdict(made, 1, models.KycDeclineReasonOther)
		in.Verdict.Invalid.Reasons, in.Verdict.Invalid.Comment = nil, " "
		_, err := h.ReviewKycDocument(officer, in)
		wantRefusal(t, err, models.BadInput, "OBP-10001", "input", "verdict", "invalid", "reasons", "input", "verdict", "invalid", "comment")
		in.Verdict.Invalid.Reasons, in.Verdict.Invalid.Comment = []models.KycDeclineReason{models.KycDeclineReasonOther, models.KycDeclineReasonOther}, strings.Repeat("x", 1001)
		_, err = h.ReviewKycDocument(officer, in)
		wantRefusal(t, err, models.BadInput, "OBP-10001", "input", "verdict", "invalid", "reasons", "input", "verdict", "invalid", "comment")
	})
	t.Run("of reviews at once one counts", func(t *testing.T) {
		done := atOnce(t, models.VersionConflict, 6, func(i int) error {
			in := verdict(made, 1)
			if i%2 == 0 {
				in = verdict(made, 1, models.KycDeclineReasonBadQuality, models.KycDeclineReasonWrongName)
			}
			_, err := h.ReviewKycDocument(officer, in)
			return err
		})
		entries := h.count(t, "audit_entry WHERE action = 'reviewKycDocument' AND outcome = 'DONE' AND object_id = $1", made.ID().String())
		if done != 1 || entries != 1 || h.count(t, "kyc_document WHERE kyc_document_id = $1 AND version = 2 AND review_status <> 'NEW' AND reviewer_id = $2", made.KycDocumentID, h.id(t, "demo-officer").UUID) != 1 {
			t.Errorf("%d reviews were done, %d are in the audit trail", done, entries)
		}
	})
	t.Run("a later review replaces an earlier one", func(t *testing.T) {
		for version, reasons := range map[int][]models.KycDeclineReason{2: {models.KycDeclineReasonFakeDocument}} {
			declined, err := h.ReviewKycDocument(officer, verdict(made, version, reasons...))
			if err != nil || declined.Row.ReviewStatus != models.KycReviewStatusInvalid || !slices.Equal(declined.Row.DeclineReasons, reasons) || models.Text(declined.Row.Comment) != "Not like this." {
				t.Errorf("%+v, %v", declined.Row, err)
			}
		}
		accepted, err := h.ReviewKycDocument(officer, verdict(made, 3))
		if err != nil || accepted.Row.ReviewStatus != models.KycReviewStatusValid || len(accepted.Row.DeclineReasons) > 0 || accepted.Row.Comment != nil {
			t.Errorf("%+v, %v", accepted.Row, err)
		}
	})
}

// TestAReviewIsOfWhatWasLookedAt lets updates and reviews of the same version meet: what is accepted is never what was changed meanwhile.
func TestAReviewIsOfWhatWasLookedAt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, officer, customer := h.as(t, "demo-admin"), h.as(t, "demo-officer"), h.customer(t, "5987953")
	for range 5 {
		made := h.addDocument(admin, t, customer, identity("AB1234567"))
		done := atOnce(t, models.VersionConflict, 6, func(i int) error {
			if i%2 == 0 {
				_, err := h.ReviewKycDocument(officer, verdict(made, 1))
				return err
			}
			in := revision(made, &models.SeenVersion{Number: to(1)})
			in.Number = given(to("FORGED"))
			_, err := h.UpdateKycDocument(admin, in)
			return err
		})
		fits := h.count(t, "kyc_document WHERE kyc_document_id = $1 AND version = 2 AND (number = 'FORGED') = (review_status = 'NEW')", made.KycDocumentID)
		if done != 1 || fits != 1 {
			t.Errorf("%d were done, and it fits %d times", done, fits)
		}
	}
}

func TestDeletedDocumentsAreKeptAndFoundByNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, officer, customer := h.as(t, "demo-admin"), h.as(t, "demo-officer"), h.customer(t, "5987953")
	made := h.addDocument(admin, t, customer, identity("AB1234567"))
	before := h.count(t, "kyc_document")
	done := atOnce(t, models.NotFound, 6, func(i int) error {
		if i%2 == 0 {
			_, err := h.DeleteKycDocument(admin, removal(made))
			return err
		}
		_, err := h.ReviewKycDocument(officer, verdict(made, 1))
		if models.CodeOf(err) == models.VersionConflict { // another review was faster
			return models.Missing("KycDocument", "")
		}
		return err
	})
	if done < 1 || done > 2 || h.count(t, "kyc_document") != before || h.count(t, "kyc_document WHERE kyc_document_id = $1 AND deleted_at IS NOT NULL", made.KycDocumentID) != 1 {
		t.Errorf("%d were done", done)
	}
	if entries := h.count(t, "audit_entry WHERE action = 'deleteKycDocument' AND outcome = 'DONE' AND object_id = $1 AND new_values ? 'deletedAt'", made.ID().String()); entries != 1 {
		t.Errorf("%d entries in the audit trail", entries)
	}
	in := revision(made, anyVersion)
	in.IssuePlace = given(to("Vigo"))
	_, err := h.UpdateKycDocument(admin, in)
	wantRefusal(t, err, models.NotFound, "")
	_, err = h.ReviewKycDocument(officer, verdict(made, 3))
	wantRefusal(t, err, models.NotFound, "")
	_, err = h.AddKycDocument(admin, models.AddKycDocumentInput{BankID: firstBank, CustomerID: customer, KycDocumentID: &made.KycDocumentID, Provider: models.KycDocumentProviderManual, Data: identity("AB1234567")})
	wantRefusal(t, err, models.InvalidState, "")
}
