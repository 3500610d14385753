package ledger_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/google/uuid"

	"bankgraph/db"
	"bankgraph/ledger"
)

// asPayer makes the test binary pay between the accounts of a database, and say so, until it is killed.
const asPayer = "BANKGRAPH_TEST_PAYS_AT"

func payForEver(address string) {
	store, err := db.Open(context.Background(), address, db.Options{})
	if err != nil {
		panic(err)
	}
	l := ledger.New(store.Pool(), ledger.Options{Explain: db.Known})
	rows, err := store.Pool().Query(context.Background(), "SELECT bank_id, account_id FROM account WHERE kind = 'CUSTOMER'")
	if err != nil {
		panic(err)
	}
	var accounts []ledger.Party
	for rows.Next() {
		var p ledger.Party
		var id [16]byte
		if err := rows.Scan(&p.BankID, &id); err != nil {
			panic(err)
		}
		p.AccountID = id
		accounts = append(accounts, p)
	}
	var group sync.WaitGroup
	var telling sync.Mutex
	for i := range 16 {
		group.Go(func() {
			for k := 0; ; k++ {
				p := payment(accounts[(i+k)%len(accounts)], accounts[(i+k+1)%len(accounts)], "0.01")
				if _, err := l.Do(context.Background(), ledger.Order{Deed: p}); err == nil {
					telling.Lock()
					fmt.Println(p.TransactionID)
					telling.Unlock()
				}
			}
		})
	}
	group.Wait()
}

func TestAProgramThatIsKilledInMidLoad(t *testing.T) {
	t.Parallel()
	// F01, short: what was acknowledged before kill -9 is there, and the books are right.
	h := open(t)
	for i := range 6 {
		h.account([]string{bankA, bankB}[i%2], "EUR", "100")
	}
	for range 3 {
		program, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		command := exec.Command(program)
		command.Env = append(os.Environ(), asPayer+"="+h.address)
		output, err := command.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		var acknowledged []string
		for lines := bufio.NewScanner(output); lines.Scan(); {
			if _, err := uuid.Parse(lines.Text()); err != nil {
				continue // it was killed in the middle of a line
			}
			if acknowledged = append(acknowledged, lines.Text()); len(acknowledged) == 200 {
				_ = command.Process.Kill()
			}
		}
		_ = command.Wait()
		if len(acknowledged) < 200 {
			t.Fatalf("it ended by itself after %d payments", len(acknowledged))
		}
		found := one[int](h, "SELECT count(*) FROM ledger_transaction WHERE transaction_id::text = ANY($1) AND bank_id = payer_bank_id", acknowledged)
		if found != len(acknowledged) {
			t.Errorf("%d of %d acknowledged payments are there", found, len(acknowledged))
		}
	}
}
