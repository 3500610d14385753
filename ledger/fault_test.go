package ledger_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/shopspring/decimal"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/db/embedded"
	"bankgraph/ledger"
	"bankgraph/models"
)

// TestACommitThatNobodyAcknowledgedIsNotDoneTwice loses the answer to a commit, and the commit itself, for each deed.
func TestACommitThatNobodyAcknowledgedIsNotDoneTwice(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*network) *atomic.Int32{
		"the answer is lost": func(n *network) *atomic.Int32 { return &n.losing },
		"the commit is lost": func(n *network) *atomic.Int32 { return &n.deaf },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			n := newNetwork(t)
			far := openAt(t, n.Aim(t, h.address), ledger.Options{Workers: 1})
			far.do(payment(h.account(bankA, "EUR", "1"), ledger.Outside(bankA), "1"))
			anna, ben := h.account(bankA, "EUR", "100"), h.account(bankA, "EUR", "0")
			first, second := newID(), newID()
			later := payment(anna, ben, "10")
			h.must(&ledger.Reserve{ReservationID: second, Payment: payment(anna, ben, "20")})
			account := &models.Account{AccountID: newID(), BankID: bankA, ProductCode: "CURRENT", Currency: "EUR"}
			deeds := []ledger.Deed{
				payment(anna, ben, "1"),
				&ledger.Reserve{ReservationID: first, Payment: later},
				&ledger.PostReserved{ReservationID: first, Payment: later},
				void(second, anna),
				&ledger.Open{Account: account, Floor: new(decimal.Zero)},
				payment(anna, ledger.Outside(bankA), "2", at(-2*time.Hour, -time.Hour)),
			}
			for i, deed := range deeds {
				lose(n).Store(2) // the second one is that of the try which looks, when it writes
				if err := far.do(deed); err != nil {
					t.Errorf("deed %d: %v", i, err)
				}
				lose(n).Store(0)
			}
			if lost := int(n.lost.Load()); lost < len(deeds) {
				t.Errorf("only %d were lost", lost)
			}
			h.want(anna, "87", "0")
			h.want(ben, "11", "0")
			wantRefusal(t, far.do(void(second, anna)), models.InvalidState)
		})
	}
}

// TestABatchWhoseAnswerIsLostIsDoneOnce does so for many orders in one transaction, with refusals and rows between them.
func TestABatchWhoseAnswerIsLostIsDoneOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.notes()
	n := newNetwork(t)
	far := openAt(t, n.Aim(t, h.address), ledger.Options{})
	anna, ben := h.account(bankA, "EUR", "200"), h.account(bankB, "EUR", "0")
	n.losing.Store(3)
	counts := dbtest.Codes(dbtest.Together(64, func(i int) error {
		var id [16]byte
		_, err := far.Do(context.Background(), keyed(fmt.Sprint(i), "x", payment(anna, ben, "5"), &id))
		return err
	}))
	if counts[dbtest.Done] != 40 || counts[models.InsufficientFunds] != 24 || n.lost.Load() != 3 {
		t.Errorf("got %v with %d lost", counts, n.lost.Load())
	}
	h.want(ben, "200", "0")
	if notes := one[int](h, "SELECT count(*) FROM note"); notes != 40 {
		t.Errorf("%d notes of 40 payments", notes)
	}
}

// TestPostgresMayBeStoppedInMidLoad is a short F02: Postgres is stopped at once, as a crash does, and started again, while many pay. What was acknowledged
// is there, nothing is there twice, and the ledger comes back by itself.
func TestPostgresMayBeStoppedInMidLoad(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "bankgraph-crash-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { // Postgres runs as another user when this is root
		t.Fatal(err)
	}
	start := func() string {
		server, err := embedded.Start(context.Background(), embedded.Options{DataDir: dir})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = server.Stop() })
		return server.URL()
	}
	address := start()
	if _, err := db.Migrate(t.Context(), address, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	n := newNetwork(t)
	h := openAt(t, n.Aim(t, address), ledger.Options{})
	h.execute(`INSERT INTO bank (bank_id, bank_uuid, short_name, full_name) SELECT id, gen_random_uuid(), id, id FROM unnest('{a,b}'::text[]) AS id`)
	accounts := make([]ledger.Party, 10)
	for i := range accounts {
		accounts[i] = h.account([]string{bankA, bankB}[i%2], "EUR", "100")
	}
	ctx, end := context.WithCancel(t.Context())
	var acknowledged sync.Map
	var paid, unknown atomic.Int64
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			for k := 0; ctx.Err() == nil; k++ {
				p := payment(accounts[(i+k)%10], accounts[(i+2*k+1)%10], "0.01")
				if p.Payer == p.Payee {
					continue
				}
				switch err := h.do(p); {
				case err == nil:
					paid.Add(1)
					acknowledged.Store(p.TransactionID, true)
				case models.CodeOf(err) == models.InsufficientFunds:
				default:
					unknown.Add(1)
				}
			}
		})
	}
	for range 3 {
		before := paid.Load()
		until(t, "payments", func() bool { return paid.Load() > before+50 })
		stopAtOnce(t, dir)
		address = start()
		n.Aim(t, address)
	}
	before := paid.Load()
	until(t, "payments after the last crash", func() bool { return paid.Load() > before+50 })
	end()
	group.Wait()
	mustBeThere(t, h, &acknowledged)
	// What became of a payment may be unknown to who made it only when Postgres was away for longer than the ledger's patience.
	if total := one[int64](h, "SELECT count(*) FROM ledger_transaction WHERE bank_id = payer_bank_id"); total < paid.Load() || total > paid.Load()+unknown.Load() {
		t.Errorf("%d were acknowledged, of %d it is not known, and %d are there", paid.Load(), unknown.Load(), total)
	}
}

// mustBeThere says what was acknowledged and is not in the books, once, and what is wrong with these.
func mustBeThere(t *testing.T, h *house, acknowledged *sync.Map) {
	t.Helper()
	acknowledged.Range(func(id, _ any) bool {
		if one[int](h, "SELECT count(*) FROM ledger_transaction WHERE transaction_id = $1 AND bank_id = payer_bank_id", id) != 1 {
			t.Errorf("%v was acknowledged and is not there", id)
		}
		return true
	})
	violations, err := ledger.Check(t.Context(), h.pool)
	if err != nil || len(violations) > 0 {
		t.Error(violations, err)
	}
}

// stopAtOnce is what `pg_ctl stop -m immediate` does.
func stopAtOnce(t *testing.T, dir string) {
	t.Helper()
	text, err := os.ReadFile(dir + "/postgres/postmaster.pid")
	if err != nil {
		t.Fatal(err)
	}
	process, err := strconv.Atoi(strings.Fields(string(text))[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(process, syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	until(t, "Postgres to end", func() bool { return syscall.Kill(process, 0) != nil })
}

// TestAnAccountThatSomebodyHoldsForLongStopsNobodyElse is a part of F04: the lock of an administrator's session.
func TestAnAccountThatSomebodyHoldsForLongStopsNobodyElse(t *testing.T) {
	t.Parallel()
	h := open(t)
	held, anna, ben := h.account(bankA, "EUR", "100"), h.account(bankA, "EUR", "100"), h.account(bankA, "EUR", "0")
	release := h.locked(held)
	defer release()
	pool, err := pgxpool.New(t.Context(), h.address) // whose sessions wait for ever
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	l := ledger.New(pool, ledger.Options{Explain: db.Known})
	defer l.Close()
	counts := dbtest.Codes(dbtest.Together(32, func(i int) error {
		payer := anna
		if i%8 == 0 {
			payer = held
		}
		_, err := l.Do(context.Background(), ledger.Order{Deed: payment(payer, ben, "1")})
		return err
	}))
	if counts[dbtest.Done] != 28 || counts[models.Unavailable] != 4 {
		t.Errorf("got %v", counts)
	}
	release()
	h.must(payment(held, ben, "1"))
}

func TestADatabaseThatOnlyReadsIsUnavailable(t *testing.T) {
	t.Parallel()
	h := open(t)
	anna, ben := h.account(bankA, "EUR", "100"), h.account(bankA, "EUR", "0")
	h.execute("DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET default_transaction_read_only = on'; END $$")
	reading := openAt(t, h.address, ledger.Options{})
	wantRefusal(t, reading.do(payment(anna, ben, "1")), models.Unavailable)
	h.must(payment(anna, ben, "1"))
}

func TestADatabaseThatIsNotThereIsUnavailable(t *testing.T) {
	t.Parallel()
	h := open(t)
	n := newNetwork(t)
	far := openAt(t, n.Aim(t, h.address), ledger.Options{})
	anna, ben := h.account(bankA, "EUR", "100"), h.account(bankA, "EUR", "0")
	far.must(payment(anna, ben, "1"))
	n.Close()
	far.pool.Reset()
	start := time.Now()
	counts := dbtest.Codes(dbtest.Together(8, func(int) error { return far.do(payment(anna, ben, "1")) }))
	if counts[models.Unavailable] != 8 || time.Since(start) > 20*time.Second {
		t.Errorf("got %v after %s", counts, time.Since(start))
	}
	h.want(ben, "1", "0")
}

// TestTheJournalOnlyGrows sets up a role like that of a server in production, which owns its tables and is no superuser.
func TestTheJournalOnlyGrows(t *testing.T) {
	t.Parallel()
	h := open(t)
	role := "plain_" + strings.ReplaceAll(newID().String(), "-", "")
	admin, err := pgx.Connect(t.Context(), h.address)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(t.Context())
	for _, sql := range []string{
		"CREATE ROLE " + role + " LOGIN PASSWORD 'plain'",
		"DO $$ DECLARE name text; BEGIN FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v') LOOP EXECUTE 'ALTER TABLE ' || name || ' OWNER TO " + role + "'; END LOOP; END $$",
		"REVOKE UPDATE, DELETE, TRUNCATE ON ledger_transaction, posting FROM " + role, // what the migration does, run as this role
	} {
		if _, err := admin.Exec(t.Context(), sql); err != nil {
			t.Skipf("the role of this database may make no other: %v", err)
		}
	}
	t.Cleanup(func() {
		h.execute("REASSIGN OWNED BY " + role + " TO CURRENT_USER; DROP OWNED BY " + role + "; DROP ROLE " + role)
	})
	parsed, err := url.Parse(h.address)
	if err != nil {
		t.Fatal(err)
	}
	parsed.User = url.UserPassword(role, "plain")
	plain := openAt(t, parsed.String(), ledger.Options{})
	anna, ben := plain.account(bankA, "EUR", "100"), plain.account(bankB, "EUR", "0")
	paid := payment(anna, ben, "10")
	plain.must(paid)
	plain.must(payment(ben, anna, "5", refunding(paid.TransactionID)))
	reservation := newID()
	plain.must(&ledger.Reserve{ReservationID: reservation, Payment: payment(anna, ben, "1")})
	plain.must(void(reservation, anna))
	for _, table := range []string{"ledger_transaction", "posting"} {
		for _, sql := range []string{"UPDATE " + table + " SET bank_id = bank_id", "DELETE FROM " + table, "TRUNCATE " + table, "SELECT FROM " + table + " FOR UPDATE"} {
			if _, err := plain.pool.Exec(t.Context(), sql); err == nil || !strings.Contains(err.Error(), "42501") {
				t.Errorf("%s: %v", sql, err)
			}
		}
	}
}
