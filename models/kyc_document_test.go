package models

import (
	"slices"
	"strings"
	"testing"
)

func TestEveryDocumentTypeIsInOneGroupAndInItsInput(t *testing.T) {
	t.Parallel()
	seen := map[KycDocumentType]int{}
	for _, group := range AllKycDocumentGroup {
		of, known := documentGroups[group]
		if !known || of.key == "" || len(of.fields) == 0 {
			t.Errorf("%s is in no line of the table", group)
		}
		for _, documentType := range of.types {
			seen[documentType]++
		}
	}
	for _, documentType := range AllKycDocumentType {
		if seen[documentType] != 1 {
			t.Errorf("%s is in %d groups", documentType, seen[documentType])
		}
	}
	for group, inInput := range map[KycDocumentGroup][]string{
		KycDocumentGroupIdentity: namesOf(AllKycIdentityType), KycDocumentGroupProofOfFunds: namesOf(AllKycProofOfFundsType), KycDocumentGroupCompanyPapers: namesOf(AllKycCompanyPapersType),
	} {
		if inTable := namesOf(documentGroups[group].types); !slices.Equal(inTable, inInput) {
			t.Errorf("%s has %v in the table, and %v in its input", group, inTable, inInput)
		}
	}
}

func namesOf[T ~string](values []T) (names []string) {
	for _, value := range values {
		names = append(names, string(value))
	}
	slices.Sort(names)
	return names
}

func TestTheNumberOfACardIsNoAccountNumberOfIt(t *testing.T) {
	t.Parallel()
	for number, isRefused := range map[string]bool{
		"4111111111111111": true, "4111 1111 1111 1111": true, "4111-1111-1111-1111": true, "30569309025904": true,
		"4111111111111112": false, "DE89370400440532013000": false, "12345678": false, "GB4111111111111111": false,
	} {
		card := KycDocument{Type: KycDocumentTypePaymentCard, WholeAccountNumber: &number}
		found := card.Validate()
		if (len(found) > 0) != isRefused || isRefused && !slices.Equal(found[0].Path, []string{"input", "accountNumber"}) {
			t.Errorf("%s: %v", number, found)
		}
		statement := KycDocument{Type: KycDocumentTypeBankStatement, WholeAccountNumber: &number}
		if found := statement.Validate(); len(found) > 0 {
			t.Errorf("%s of a bank statement: %v", number, found)
		}
	}
}

func TestOfACardOnlyTheEndsAreKept(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{
		"4111111111111111": "411111 1111", "5555555555554444": "555555 4444", "378282246310005": "378282 0005", "6304000000000000": "630400 0000",
		"30569309025904": " 5904", "4222222222222": " 2222", "000000000000": " 0000", "6331101999990016": "633110 0016", "4000000000000000006": "400000 0006",
		"4111111111111112": " none", "411111111111111": " none", "00000000000": " none", "40000000000000000002": " none", "4111-1111-1111-1111": " none",
		" 4111111111111111": " none", "4111111111111111\n": " none", "٤١١١١١١١١١١١١١١١": " none", "４１１１１１１１１１１１１１１１": " none", "": " none", "4e15": " none",
	} {
		var k KycDocument
		k.setCard(&number)
		got := Text(k.CardFirstSix) + " " + Text(k.CardLastFour)
		if k.HasWrongCard {
			got = Text(k.CardFirstSix) + Text(k.CardLastFour) + " none"
		}
		if got != want {
			t.Errorf("%q: %q instead of %q", number, got, want)
		}
	}
	k := KycDocument{CardLastFour: new("1111")}
	if k.setCard(nil); k.CardLastFour != nil || k.HasWrongCard {
		t.Error("no number leaves one")
	}
}

func TestMasked(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "••••", "1": "••••", "1234567": "••••", "12345678": "••••5678", "QWG288146": "••••8146", "ééééééé": "••••", "ÄÖÜßäöüé": "••••äöüé", strings.Repeat("9", 50): "••••9999",
	} {
		if got := Masked(text); got != want {
			t.Errorf("%q is %q instead of %q", text, got, want)
		}
	}
}

func TestTheAuditTrailTellsThatAMaskedColumnChangedAndNotWhatItIs(t *testing.T) {
	t.Parallel()
	old := &KycDocument{WholeNumber: new("SECRET-A-1234"), WholeAccountNumber: new("SECRET-ACCOUNT"), WholeAdditionalNumber: new("SHORT")}
	newer := *old
	newer.WholeNumber, newer.WholeAdditionalNumber = new("SECRET-B-1234"), nil
	var entry AuditEntry
	entry.Note(&newer, old, &newer)
	shown := map[string]string{}
	for _, change := range entry.Changes() {
		shown[change.Field] = Text(change.Old) + " " + Text(change.New)
	}
	if len(shown) != 2 || shown["number"] != "••••1234 ••••1234" || shown["additionalNumber"] != "•••• " {
		t.Errorf("%v", shown)
	}
	entry.Note(&newer, nil, &newer)
	for name, value := range entry.NewValues {
		if strings.Contains(string(value), "SECRET") {
			t.Errorf("%s: %s", name, value)
		}
	}
	if _, told := entry.NewValues["accountNumber"]; !told {
		t.Errorf("%v", entry.NewValues)
	}
}
