package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/jackc/pgx/v5"

	"bankgraph/db/dbtest"
	"bankgraph/ledger"
	"bankgraph/models"
)

func TestPaymentsThatRaceForTheSameMoney(t *testing.T) {
	t.Parallel()
	// M08
	h := open(t)
	other := openAt(t, h.address, ledger.Options{})
	anna := h.account(bankA, "EUR", "100")
	payees := make([]ledger.Party, 64)
	for i := range payees {
		payees[i] = h.account(bankA, "EUR", "0")
	}
	counts := dbtest.Codes(dbtest.Together(64, func(i int) error { return []*house{h, other}[i%2].do(payment(anna, payees[i], "60")) }))
	if counts[dbtest.Done] != 1 || counts[models.InsufficientFunds] != 63 {
		t.Errorf("got %v", counts)
	}
	h.want(anna, "40", "0")
}

// TestOppositePaymentsDoNotLockEachOtherOut sends money both ways between the same accounts, in two programs: whoever locked the payer first would
// wait for ever.
func TestOppositePaymentsDoNotLockEachOtherOut(t *testing.T) {
	t.Parallel()
	h := open(t)
	houses := []*house{h, openAt(t, h.address, ledger.Options{Workers: 4})}
	anna, ben := h.account(bankA, "EUR", "1000"), h.account(bankB, "EUR", "1000")
	counts := dbtest.Codes(dbtest.Together(64, func(i int) error {
		for range 10 {
			p := payment(anna, ben, "1")
			if i%2 == 0 {
				p = payment(ben, anna, "1")
			}
			if err := houses[i/2%2].do(p); err != nil {
				return err
			}
		}
		return nil
	}))
	if counts[dbtest.Done] != 64 {
		t.Errorf("got %v", counts)
	}
	h.want(anna, "1000", "0")
	h.wantNoDeadlock()
}

func (h *house) wantNoDeadlock() {
	h.t.Helper()
	if deadlocks := one[int](h, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"); deadlocks > 0 {
		h.t.Errorf("%d deadlocks", deadlocks)
	}
}

func TestARingOfPaymentsAndAHotAccount(t *testing.T) {
	t.Parallel()
	// M10 and M11, for some seconds less and two programs more. How fast it is, the bench says.
	h := open(t)
	houses := []*house{h, openAt(t, h.address, ledger.Options{}), openAt(t, h.address, ledger.Options{Workers: 4})}
	accounts := make([]ledger.Party, 8)
	for i := range accounts {
		accounts[i] = h.account([]string{bankA, bankB}[i%2], "EUR", "50")
	}
	counts := dbtest.Codes(dbtest.Together(64, func(i int) error {
		random := rand.New(rand.NewPCG(1, uint64(i)))
		for n := range 30 {
			from := (i + n) % 3 // the ring
			to := (from + 1) % 3
			switch i % 3 {
			case 1: // any two
				from = random.IntN(8)
				to = (from + 1 + random.IntN(7)) % 8
			case 2: // the hot one
				from, to = 0, 1+random.IntN(7)
				if n%2 == 0 {
					from, to = to, from
				}
			}
			err := houses[i%len(houses)].do(payment(accounts[from], accounts[to], fmt.Sprintf("%d.%02d", random.IntN(20), 1+random.IntN(99))))
			if err != nil && models.CodeOf(err) != models.InsufficientFunds {
				return err
			}
		}
		return nil
	}))
	if counts[dbtest.Done] != 64 {
		t.Errorf("got %v", counts)
	}
	if sum := one[string](h, "SELECT sum(balance)::text FROM account WHERE kind = 'CUSTOMER'"); !number(sum).Equal(number("400")) {
		t.Errorf("400 became %s", sum)
	}
	h.wantNoDeadlock()
}

// notes is a table of another room, whose rows go in with payments.
func (h *house) notes() {
	h.execute("CREATE TABLE note (key text PRIMARY KEY, hash text NOT NULL, transaction_id uuid NOT NULL, CONSTRAINT note_hash CHECK (hash <> 'refused'))")
}

var errConflict = errors.New("the key is there with another input")

// keyed is an order with an idempotency key, as the bank will make them: asked for under the locks, refused when it is there with something else,
// answered with the first outcome when it is there with the same.
func keyed(key, hash string, p *ledger.Payment, replay *[16]byte) ledger.Order {
	var foundHash string
	return ledger.Order{
		Deed: p, Key: key,
		Questions: []ledger.Question{{
			SQL: `SELECT asked.position, note.hash, note.transaction_id
				FROM unnest($1::text[]) WITH ORDINALITY AS asked (key, position) JOIN note USING (key)`,
			Values: []any{key},
			Begin:  func() { foundHash = "" },
			Answer: func(row pgx.CollectableRow) error { return row.Scan(nil, &foundHash, replay) },
		}},
		Decide: func() ([]ledger.Row, error) {
			switch foundHash {
			case "":
				*replay = p.TransactionID
				return []ledger.Row{{
					SQL:    "INSERT INTO note (key, hash, transaction_id) SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[])",
					Values: []any{key, hash, p.TransactionID},
				}}, nil
			case hash:
				return nil, errReplay
			}
			return nil, errConflict
		},
	}
}

var errReplay = errors.New("this was done before")

func TestAKeyIsUsedOnce(t *testing.T) {
	t.Parallel()
	// M01, M02 and M04 as far as they are the ledger's: the same key at once in two programs, with another input, and after a refusal.
	h := open(t)
	h.notes()
	houses := []*house{h, openAt(t, h.address, ledger.Options{})}
	for round := range 5 {
		anna, ben := h.account(bankA, "EUR", "100"), h.account(bankA, "EUR", "0")
		key := fmt.Sprint("key", round)
		pay := func(at *house, hash, amount string) (id [16]byte, err error) {
			_, err = at.Do(context.Background(), keyed(key, hash, payment(anna, ben, amount), &id))
			return id, err
		}
		if _, err := pay(h, "much", "100.01"); models.CodeOf(err) != models.InsufficientFunds {
			t.Errorf("got %v", err)
		}
		ids, replays := make([][16]byte, 50), make([]bool, 50)
		dbtest.Codes(dbtest.Together(50, func(i int) error {
			id, err := pay(houses[i%2], "same", "60")
			ids[i], replays[i] = id, errors.Is(err, errReplay)
			if err != nil && !replays[i] {
				t.Error(err)
			}
			return err
		}))
		first := 0
		for i := range ids {
			if ids[i] != ids[0] {
				t.Error("two outcomes of one key")
			}
			if !replays[i] {
				first++
			}
		}
		if first != 1 {
			t.Errorf("it was done %d times", first)
		}
		if _, err := pay(h, "other", "1"); !errors.Is(err, errConflict) {
			t.Errorf("got %v", err)
		}
		h.want(anna, "40", "0")
	}
}

// TestEqualKeysNeverShareABatch takes away the constraint, so that only the second one's question can find the first one's key.
func TestEqualKeysNeverShareABatch(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.notes()
	h.execute("ALTER TABLE note DROP CONSTRAINT note_pkey")
	anna, ben := h.account(bankA, "EUR", "100"), h.account(bankA, "EUR", "0")
	var orders []ledger.Order
	for i := range 20 {
		orders = append(orders, keyed(fmt.Sprint("key", i%2), "same", payment(anna, ben, "1"), new([16]byte)))
	}
	replays := 0
	for _, err := range gathered(t, h, orders) {
		if errors.Is(err, errReplay) {
			replays++
		} else if err != nil {
			t.Error(err)
		}
	}
	if replays != 18 {
		t.Errorf("%d of 20 were done before", replays)
	}
	h.want(ben, "2", "0")
}

func TestAKeyThatTwoAccountsUseIsUsedOnce(t *testing.T) {
	t.Parallel()
	// Their locks are not the same, so that neither sees the other's key: the constraint does, and the second one asks again.
	h := open(t)
	h.notes()
	houses := []*house{h, openAt(t, h.address, ledger.Options{Workers: 4})}
	for round := range 10 {
		key := fmt.Sprint("key", round)
		payers, payees := make([]ledger.Party, 8), make([]ledger.Party, 8)
		for i := range payers {
			payers[i], payees[i] = h.account(bankA, "EUR", "100"), h.account(bankA, "EUR", "0")
		}
		counts := dbtest.Codes(dbtest.Together(8, func(i int) error {
			var id [16]byte
			_, err := houses[i%2].Do(context.Background(), keyed(key, "same", payment(payers[i], payees[i], "60"), &id))
			if errors.Is(err, errReplay) {
				return models.Errorf(models.Policy, "replay")
			}
			return err
		}))
		if counts[dbtest.Done] != 1 || counts[models.Policy] != 7 {
			t.Errorf("got %v", counts)
		}
	}
}

// TestTheLedgerDoesNotLeanOnItsWalls takes away the constraints that would refuse what the ledger forgot to.
func TestTheLedgerDoesNotLeanOnItsWalls(t *testing.T) {
	t.Parallel()
	h := open(t)
	houses := []*house{h, openAt(t, h.address, ledger.Options{})}
	h.execute("ALTER TABLE account DROP CONSTRAINT account_above_floor")
	h.execute("ALTER TABLE refund_total DROP CONSTRAINT refund_total_within_original")
	anna, ben := h.account(bankA, "EUR", "100"), h.account(bankB, "EUR", "100")
	paid := payment(anna, ben, "50")
	h.must(paid)
	counts := dbtest.Codes(dbtest.Together(32, func(i int) error {
		if i%2 == 0 {
			return houses[i/2%2].do(payment(ben, anna, "20", refunding(paid.TransactionID)))
		}
		return houses[i/2%2].do(&ledger.Reserve{ReservationID: newID(), Payment: payment(anna, ledger.Outside(bankA), "60")})
	}))
	if refused := counts[models.Policy]; refused != 14 || counts[dbtest.Done] > 3 || counts[dbtest.Done] < 2 || counts[dbtest.Done]+counts[models.InsufficientFunds] != 18 {
		t.Errorf("got %v", counts)
	}
	wantRefusal(t, h.do(payment(anna, ben, "40")), models.InsufficientFunds)
}
