package ledger_test

import (
	"testing"

	"bankgraph/db/dbtest"
	"bankgraph/ledger"
	"bankgraph/models"
)

func void(id [16]byte, account ledger.Party) *ledger.Void {
	return &ledger.Void{VoidID: newID(), ReservationID: id, Account: account}
}

func TestWhatIsReservedCannotBeSpentTwice(t *testing.T) {
	t.Parallel()
	h := open(t)
	anna, ben := h.account(bankA, "EUR", "100"), h.account(bankB, "EUR", "0")
	later := payment(anna, ben, "60", charged("1", ledger.SenderCharge))
	reservation := newID()
	h.must(&ledger.Reserve{ReservationID: reservation, Payment: later})
	h.want(anna, "100", "61")
	wantRefusal(t, h.do(payment(anna, ben, "39.01")), models.InsufficientFunds)
	wantRefusal(t, h.do(&ledger.Reserve{ReservationID: newID(), Payment: payment(anna, ben, "39.01")}), models.InsufficientFunds)
	h.must(payment(anna, ben, "39"))
	h.want(anna, "61", "61")
	h.must(&ledger.PostReserved{ReservationID: reservation, Payment: later})
	h.want(anna, "0", "0")
	h.want(ben, "99", "0")
}

func TestAReservationEndsOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	other := openAt(t, h.address, ledger.Options{})
	anna, ben := h.account(bankA, "EUR", "100"), h.account(bankA, "EUR", "0")
	for range 5 {
		reservation := newID()
		h.must(&ledger.Reserve{ReservationID: reservation, Payment: payment(anna, ben, "10")})
		counts := dbtest.Codes(dbtest.Together(32, func(i int) error {
			at := []*house{h, other}[i%2]
			if i%4 < 2 {
				return at.do(void(reservation, anna))
			}
			return at.do(&ledger.PostReserved{ReservationID: reservation, Payment: payment(anna, ben, "10")})
		}))
		if counts[dbtest.Done] != 1 || counts[models.InvalidState] != 31 {
			t.Errorf("got %v", counts)
		}
	}
	if open := one[int](h, "SELECT count(*) FROM reservation WHERE state = 'HELD'"); open != 0 {
		t.Errorf("%d are held", open)
	}
}

func TestAReservationThatIsVoidedGivesBackAll(t *testing.T) {
	t.Parallel()
	h := open(t)
	anna := h.account(bankA, "EUR", "100")
	reservation, later := newID(), payment(anna, ledger.Outside(bankA), "100")
	h.must(&ledger.Reserve{ReservationID: reservation, Payment: later})
	h.must(void(reservation, anna))
	h.want(anna, "100", "0")
	wantRefusal(t, h.do(&ledger.PostReserved{ReservationID: reservation, Payment: later}), models.InvalidState)
	wantRefusal(t, h.do(void(reservation, anna)), models.InvalidState)
	h.must(payment(anna, ledger.Outside(bankA), "100"))
}

func TestAReservationIsThatOfItsAccountAndPayment(t *testing.T) {
	t.Parallel()
	h := open(t)
	anna, ben := h.account(bankA, "EUR", "100"), h.account(bankA, "EUR", "100")
	reservation := newID()
	reserve := &ledger.Reserve{ReservationID: reservation, Payment: payment(anna, ben, "10")}
	h.must(reserve)
	wantRefusal(t, h.do(reserve), models.InvalidState)
	wantRefusal(t, h.do(void(reservation, ben)), models.NotFound)
	wantRefusal(t, h.do(void(reservation, ledger.Party{BankID: bankB, AccountID: anna.AccountID})), models.NotFound)
	wantRefusal(t, h.do(void(newID(), anna)), models.NotFound)
	wantRefusal(t, h.do(&ledger.PostReserved{ReservationID: reservation, Payment: payment(ben, anna, "10")}), models.NotFound)
	wantRefusal(t, h.do(&ledger.Reserve{ReservationID: newID(), Payment: payment(ledger.Outside(bankA), anna, "10")}), models.Policy)
	for _, amount := range []string{"9.99", "10.01"} {
		if err := h.do(&ledger.PostReserved{ReservationID: reservation, Payment: payment(anna, ben, amount)}); models.CodeOf(err) != models.Internal {
			t.Errorf("%s of 10: %v", amount, err)
		}
	}
	h.want(anna, "100", "10")
}

func TestReservedFundsAreThereForOneOfMany(t *testing.T) {
	t.Parallel()
	// M13: two payments that others approved and one that goes at once compete for the same last funds.
	h := open(t)
	other := openAt(t, h.address, ledger.Options{})
	for range 30 { // without locks, some of them go wrong
		anna := h.account(bankA, "EUR", "100")
		counts := dbtest.Codes(dbtest.Together(3, func(i int) error {
			at := []*house{h, other}[i%2]
			p := payment(anna, ledger.Outside(bankA), "60")
			if i == 2 {
				return at.do(p)
			}
			reservation := newID()
			if err := at.do(&ledger.Reserve{ReservationID: reservation, Payment: p}); err != nil {
				return err
			}
			return at.do(&ledger.PostReserved{ReservationID: reservation, Payment: p})
		}))
		if counts[dbtest.Done] != 1 || counts[models.InsufficientFunds] != 2 {
			t.Errorf("got %v", counts)
		}
		h.want(anna, "40", "0")
	}
}

func TestRefunds(t *testing.T) {
	t.Parallel()

	t.Run("add up to at most the original, however many come at once", func(t *testing.T) {
		t.Parallel()
		h := open(t)
		other := openAt(t, h.address, ledger.Options{})
		anna, ben := h.account(bankA, "EUR", "100"), h.account(bankB, "EUR", "1000")
		paid := payment(anna, ben, "100")
		h.must(paid)
		counts := dbtest.Codes(dbtest.Together(64, func(i int) error {
			at, refund := []*house{h, other}[i%2], payment(ben, anna, "7", refunding(paid.TransactionID))
			if i%3 > 0 {
				return at.do(refund)
			}
			reservation := newID()
			if err := at.do(&ledger.Reserve{ReservationID: reservation, Payment: refund}); err != nil {
				return err
			}
			err := at.do(&ledger.PostReserved{ReservationID: reservation, Payment: refund})
			if err != nil {
				h.must(void(reservation, ben))
			}
			return err
		}))
		if counts[dbtest.Done] != 14 || counts[models.Policy] != 50 {
			t.Errorf("got %v", counts)
		}
		h.want(anna, "98", "0")
		h.want(ben, "1002", "0")
		h.must(payment(ben, anna, "2", refunding(paid.TransactionID)))
		wantRefusal(t, h.do(payment(ben, anna, "0.01", refunding(paid.TransactionID))), models.Policy)
	})

	t.Run("go back the way that the money came", func(t *testing.T) {
		t.Parallel()
		h := open(t)
		anna, ben, cleo := h.account(bankA, "EUR", "100"), h.account(bankB, "EUR", "100"), h.account(bankA, "EUR", "100")
		paid := payment(anna, ben, "50")
		h.must(paid)
		for name, p := range map[string]*ledger.Payment{
			"to somebody else":       payment(ben, cleo, "1", refunding(paid.TransactionID)),
			"from somebody else":     payment(cleo, anna, "1", refunding(paid.TransactionID)),
			"the same way again":     payment(anna, ben, "1", refunding(paid.TransactionID)),
			"out of the house":       payment(ben, ledger.Outside(bankB), "1", refunding(paid.TransactionID)),
			"of another transaction": payment(ben, anna, "1", refunding(newID())),
		} {
			if err := h.do(p); models.CodeOf(err) != models.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestRefundsOfWhatCrossedABorder(t *testing.T) {
	t.Parallel()

	t.Run("of what came in or left go out or come in", func(t *testing.T) {
		t.Parallel()
		h := open(t)
		anna := h.account(bankA, "EUR", "100")
		left, came := payment(anna, ledger.Outside(bankA), "50"), payment(ledger.Outside(bankA), anna, "30")
		h.must(left)
		h.must(came)
		h.must(payment(ledger.Outside(bankA), anna, "50", refunding(left.TransactionID)))
		h.must(payment(anna, ledger.Outside(bankA), "30", refunding(came.TransactionID)))
		h.want(anna, "100", "0")
		wantRefusal(t, h.do(payment(anna, ledger.Outside(bankA), "0.01", refunding(came.TransactionID))), models.Policy)
	})

	t.Run("of an exchange are counted in what the payee got", func(t *testing.T) {
		t.Parallel()
		h := open(t)
		euros, yen := h.account(bankA, "EUR", "100"), h.account(bankA, "JPY", "0")
		paid := payment(euros, yen, "10", into("JPY", "160.05"))
		h.must(paid)
		refund := func(amount string) error {
			return h.do(payment(yen, euros, amount, in("JPY"), into("EUR", "0.00625"), refunding(paid.TransactionID)))
		}
		wantRefusal(t, refund("1601"), models.Policy)
		if err := refund("1600"); err != nil {
			t.Error(err)
		}
		h.want(euros, "100", "0")
	})
}
