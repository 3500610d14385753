package ledger_test

import (
	"strings"
	"testing"

	"bankgraph/ledger"
)

// TestCheckFindsWhatIsWrong breaks what the ledger promises, one thing at a time, behind its back and without the constraints that would not let it.
func TestCheckFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ statement, want string }{
		"a balance that nobody posted":            {"UPDATE account SET balance = balance + 1 WHERE kind = 'CUSTOMER'", "where its opening balance and postings make"},
		"an opening balance that changed":         {"UPDATE account SET opening_balance = opening_balance + 1 WHERE posting_count > 0", "where its opening balance and postings make"},
		"a reserve that nobody holds":             {"UPDATE account SET reserved = reserved + 1 WHERE reserved > 0", "where its reservations make"},
		"a reservation that is gone":              {"DELETE FROM reservation WHERE state = 'HELD'", "where its reservations make"},
		"a floor that was passed":                 {"UPDATE account SET floor = balance + 1 WHERE kind = 'CUSTOMER'", "its floor is"},
		"a posting that is gone":                  {"DELETE FROM posting WHERE number = 1 AND amount < 0 AND currency = 'EUR'", "sums to"},
		"a posting of another amount":             {"UPDATE posting SET amount = amount + 1 WHERE number = 2 AND amount < 0", "sums to"},
		"a posting in another currency":           {"UPDATE posting SET currency = 'XYZ' WHERE number = 2", "and its posting 2 in XYZ"},
		"a gap in the numbers":                    {"UPDATE posting SET number = number + 1000 WHERE number = 2", "postings, and has"},
		"a link of the chain":                     {"UPDATE posting SET balance_after = balance_after + 1 WHERE number = 1", "leaves"},
		"a transaction without postings":          {"DELETE FROM posting", "postings that give"},
		"postings without a transaction":          {"DELETE FROM ledger_transaction", "belongs to no transaction"},
		"a book without its half":                 {"DELETE FROM ledger_transaction WHERE bank_id = 'b' AND payer_bank_id = 'a'", "in the book of a alone"},
		"a payee who got something else":          {"UPDATE ledger_transaction SET credited_amount = credited_amount + 1", "says that its payee"},
		"a payer who gave something else":         {"UPDATE ledger_transaction SET amount = amount + 1", "says that its payer"},
		"a settlement that is not another's":      {"UPDATE posting SET amount = amount * 2 FROM account WHERE account.account_id = posting.account_id AND kind = 'SETTLEMENT' AND posting.bank_id = 'b'", "between banks"},
		"a reservation that posted another sum":   {"UPDATE reservation SET amount = amount + 1 WHERE state = 'POSTED'", "took something else"},
		"a reservation posted by another":         {"UPDATE reservation SET ended_by = gen_random_uuid() WHERE state = 'POSTED'", "took something else"},
		"two reservations for one payment":        {"INSERT INTO reservation SELECT gen_random_uuid(), bank_id, account_id, currency, amount, state, made_at, ended_at, ended_by FROM reservation WHERE state = 'POSTED'", "from 2 reservations"},
		"refunds above the original":              {"UPDATE ledger_transaction SET amount = amount + 100 WHERE refund_of IS NOT NULL", "add up to"},
		"refunds that are counted twice":          {"UPDATE refund_total SET refunded = refunded * 2", "are counted as"},
		"refunds that are not counted":            {"DELETE FROM refund_total", "are counted as 0"},
		"refunds that are counted and never were": {"UPDATE ledger_transaction SET refund_of = NULL", "add up to 0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := openUnchecked(t)
			h.busy()
			if violations, err := ledger.Check(t.Context(), h.pool); err != nil || len(violations) > 0 {
				t.Fatal(violations, err)
			}
			h.execute(`DO $$ DECLARE c record; BEGIN
				FOR c IN SELECT conrelid::regclass AS of, conname AS name FROM pg_constraint
				WHERE conrelid IN ('account'::regclass, 'posting'::regclass, 'ledger_transaction'::regclass, 'reservation'::regclass, 'refund_total'::regclass) AND contype = 'c'
				LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.of, c.name); END LOOP; END $$`)
			h.mayChangeTheJournal()
			h.execute(c.statement)
			violations, err := ledger.Check(t.Context(), h.pool)
			if text := strings.Join(violations, "\n"); err != nil || !strings.Contains(text, c.want) {
				t.Errorf("%v, and it finds:\n%s", err, text)
			}
		})
	}
}

// mayChangeTheJournal gives what the migrations took from the server's role: other walls stand behind that one, and an administrator is not held by it.
func (h *house) mayChangeTheJournal() {
	h.t.Helper()
	h.execute("GRANT UPDATE, DELETE, TRUNCATE ON ledger_transaction, posting TO CURRENT_USER")
}

// busy makes a bit of everything.
func (h *house) busy() {
	h.t.Helper()
	anna, ben, yen := h.account(bankA, "EUR", "100"), h.account(bankB, "EUR", "100"), h.account(bankB, "JPY", "0")
	paid := payment(anna, ben, "10", charged("1", ledger.SharedCharge))
	h.must(paid)
	h.must(payment(ben, anna, "3", refunding(paid.TransactionID)))
	h.must(payment(anna, yen, "1", into("JPY", "160.5")))
	h.must(payment(ledger.Outside(bankA), anna, "5"))
	first, second, later := newID(), newID(), payment(anna, ben, "7")
	h.must(&ledger.Reserve{ReservationID: first, Payment: later})
	h.must(&ledger.Reserve{ReservationID: second, Payment: payment(anna, ben, "8")})
	h.must(&ledger.PostReserved{ReservationID: first, Payment: later})
}

func TestTheConstraintsAreAWallBehindTheLedger(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.busy()
	h.mayChangeTheJournal()
	for name, c := range map[string]struct{ statement, constraint string }{
		"a balance below the floor":                 {"UPDATE account SET balance = -1 WHERE kind = 'CUSTOMER'", "account_above_floor"},
		"more reserved than there is":               {"UPDATE account SET reserved = balance + 1 WHERE kind = 'CUSTOMER'", "account_above_floor"},
		"less than nothing reserved":                {"UPDATE account SET reserved = -1 WHERE kind = 'CUSTOMER'", "account_reserved_bounded"},
		"a reserve of the bank's own":               {"UPDATE account SET reserved = 1 WHERE kind <> 'CUSTOMER'", "account_own_without_floor"},
		"a floor of the bank's own":                 {"UPDATE account SET floor = -1000000 WHERE kind <> 'CUSTOMER'", "account_own_without_floor"},
		"a balance without postings":                {"INSERT INTO account (account_id, bank_id, label, product_code, currency, balance) VALUES (gen_random_uuid(), 'a', '', 'x', 'EUR', 5)", "account_begins_as_opened"},
		"another kind":                              {"UPDATE account SET kind = 'OTHER'", "account_kind_known"},
		"a second account of the bank's own":        {"INSERT INTO account (account_id, bank_id, label, product_code, currency, kind, floor) VALUES (gen_random_uuid(), 'a', '', 'x', 'EUR', 'SETTLEMENT', NULL)", "account_own_once"},
		"a number that is taken":                    {"INSERT INTO posting SELECT gen_random_uuid(), bank_id, account_id, gen_random_uuid(), number, currency, amount, balance_after FROM posting LIMIT 1", "posting_number_once"},
		"a second posting on an account":            {"INSERT INTO posting SELECT gen_random_uuid(), bank_id, account_id, transaction_id, number + 1000, currency, amount, balance_after FROM posting LIMIT 1", "posting_account_once"},
		"a posting of nothing":                      {"UPDATE posting SET amount = 0", "posting_amount_finite"},
		"a posting to nowhere":                      {"INSERT INTO posting SELECT gen_random_uuid(), bank_id, gen_random_uuid(), transaction_id, number, currency, amount, balance_after FROM posting LIMIT 1", "posting_account_exists"},
		"refunds above the original":                {"UPDATE refund_total SET refunded = credited + 1", "refund_total_within_original"},
		"a reservation that ended without a reason": {"UPDATE reservation SET state = 'VOIDED'", "reservation_ended"},
		"a transaction of the future":               {"UPDATE ledger_transaction SET completed_at = recorded_at + interval '1 day'", "ledger_transaction_in_order"},
		"a transaction with oneself":                {"UPDATE ledger_transaction SET payee_account_id = payer_account_id, payee_bank_id = payer_bank_id, bank_id = payer_bank_id WHERE payer_bank_id = payee_bank_id", "ledger_transaction_two_sided"},
		"an exchange without a rate":                {"UPDATE ledger_transaction SET rate = NULL WHERE rate IS NOT NULL", "ledger_transaction_exchanged"},
		"a charge without a policy":                 {"UPDATE ledger_transaction SET charge_policy = NULL", "ledger_transaction_charged"},
	} {
		if _, err := h.pool.Exec(t.Context(), c.statement); err == nil || !strings.Contains(err.Error(), c.constraint) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheBanksOwnAccountsAreNobodysToSee(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.busy()
	if own := one[int](h, "SELECT count(*) FROM account WHERE kind <> 'CUSTOMER'"); own < 6 {
		t.Fatalf("there are %d", own)
	}
	if shown := one[int](h, "SELECT count(*) FROM shown_account WHERE kind <> 'CUSTOMER'"); shown != 0 {
		t.Errorf("%d are shown", shown)
	}
}
