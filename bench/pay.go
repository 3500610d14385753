package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"runtime/pprof"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/shopspring/decimal"

	"bankgraph/db"
	"bankgraph/ledger"
)

const (
	paymentClients  = 64
	paymentAccounts = 10_000
)

//go:embed pay.sql
var paymentFunction string

type paymentOptions struct {
	options

	hasWorkers, hasDailyLimit bool
}

// pay measures payments: between any two accounts, and all from or to one. The limit is pgbench, a program in C that calls a function in the
// database once a payment, over the same tables on the same server, in turns with the ledger and with the whole program over HTTP.
func pay(ctx context.Context, arguments []string) error {
	var o paymentOptions
	flags := flag.NewFlagSet("pay", flag.ContinueOnError)
	flags.StringVar(&o.dataDir, "data-dir", "", "where the private Postgres is kept for the next run (default: a directory that is removed at the end); DATABASE_URL names another server instead")
	flags.StringVar(&o.results, "results", "bench/results/pay.txt", "where the results are kept")
	flags.IntVar(&o.rounds, "rounds", 5, "how often each is measured")
	flags.DurationVar(&o.round, "round", 4*time.Second, "how long each time, in whole seconds")
	flags.BoolVar(&o.hasWorkers, "workers", false, "also measure the ledger with other numbers of workers")
	flags.BoolVar(&o.hasDailyLimit, "daily-limit", false, "let the terms have a limit of a day, which has to be added up")
	flags.StringVar(&o.profile, "cpuprofile", "", "write a profile of this program here")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	remove, err := o.place()
	if err != nil {
		return err
	}
	defer remove()
	url, stop, err := openDatabase(ctx, o.options)
	if err != nil {
		return err
	}
	defer stop()
	pool, err := fillPayments(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := fillPayers(ctx, pool, o.hasDailyLimit); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the program
	payer, err := openPayer(ctx, o.options, url)
	if err != nil {
		return err
	}
	if o.profile != "" {
		file, err := os.Create(o.profile)
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	return measurePayments(ctx, o, url, pool, payer)
}

// fillPayments makes the tables, and accounts whose keys are numbers.
func fillPayments(ctx context.Context, url string) (*pgxpool.Pool, error) {
	if _, err := db.Migrate(ctx, url, slog.New(slog.DiscardHandler)); err != nil {
		return nil, err
	}
	store, err := db.Open(ctx, url, db.Options{})
	if err != nil {
		return nil, err
	}
	for _, sql := range []string{
		paymentFunction,
		`INSERT INTO bank (bank_id, bank_uuid, short_name, full_name) VALUES ('bench', gen_random_uuid(), 'Bench', 'Bench') ON CONFLICT DO NOTHING`,
		fmt.Sprintf(`INSERT INTO account (account_id, bank_id, label, product_code, currency, balance, opening_balance)
			SELECT bench_account(number), 'bench', 'Current account', 'CURRENT', 'EUR', 1000000000, 1000000000 FROM generate_series(1, %d) AS number
			ON CONFLICT DO NOTHING`, paymentAccounts),
		"VACUUM ANALYZE account",
	} {
		if _, err := store.Pool().Exec(ctx, sql); err != nil {
			return nil, err
		}
	}
	return store.Pool(), nil
}

// pair is between whom a payment goes.
type pair func() (payer, payee int64)

func randomPair() (payer, payee int64) {
	payer = 1 + rand.Int64N(paymentAccounts)                                 //nolint:gosec // accounts to measure with
	return payer, 1 + (payer+rand.Int64N(paymentAccounts-1))%paymentAccounts //nolint:gosec // the same
}

// hotPair has the account 1 on one side, from which half of the payments go.
func hotPair() (payer, payee int64) {
	other := 2 + rand.Int64N(paymentAccounts-1) //nolint:gosec // accounts to measure with
	if rand.IntN(2) == 0 {                      //nolint:gosec // the same
		return other, 1
	}
	return 1, other
}

// The same two, for pgbench.
const (
	randomScript = "\\set a random(1, 10000)\n\\set b 1 + (:a + random(0, 9998)) % 10000\nSELECT bench_pay(:a, :b, 0.01);\n"
	hotScript    = "\\set o random(2, 10000)\n\\set d random(0, 1)\n\\set a :d * :o + 1 - :d\n\\set b :d + (1 - :d) * :o\nSELECT bench_pay(:a, :b, 0.01);\n"

	// The same payments with all that the program writes of a request.
	randomRequestScript = "\\set a random(1, 10000)\n\\set b 1 + (:a + random(0, 9998)) % 10000\nSELECT bench_request(:a, :b, 0.01);\n"
	hotRequestScript    = "\\set o random(2, 10000)\n\\set d random(0, 1)\n\\set a :d * :o + 1 - :d\n\\set b :d + (1 - :d) * :o\nSELECT bench_request(:a, :b, 0.01);\n"
)

// paid is what one round came to.
type paid struct {
	perSecond, p50, p99, batch, payments float64
	own, database                        float64 // milliseconds of processor time a payment: of the program that pays, and of Postgres
}

type contestant struct {
	name, load string
	pid        int // of the program that pays; 0 when it is none of ours
	measure    func() (paid, error)
	rounds     []paid
}

// round measures once, with the processor time that it took.
func (c *contestant) round(database int) (paid, error) {
	own, all := processorTime(c.pid), processorTime(database)
	p, err := c.measure()
	if err != nil {
		return p, fmt.Errorf("%s, %s: %w", c.name, c.load, err)
	}
	each := func(pid int, before time.Duration) float64 {
		return (processorTime(pid) - before).Seconds() * 1000 / p.payments
	}
	if p.database = each(database, all); c.pid != 0 {
		p.own = each(c.pid, own)
	}
	return p, nil
}

// contestants are all that pay, in the order of their turns.
func contestants(ctx context.Context, o paymentOptions, url string, pool *pgxpool.Pool, payer *graphPayer) []*contestant {
	self := os.Getpid()
	var all []*contestant
	for _, load := range []struct {
		name, script, request string
		next                  pair
	}{{"random", randomScript, randomRequestScript, randomPair}, {"hot", hotScript, hotRequestScript, hotPair}} {
		byWorkers := func(workers int) func() (paid, error) {
			return func() (paid, error) { return byLedger(ctx, o, pool, load.next, workers) }
		}
		all = append(all,
			&contestant{name: "pgbench", load: load.name, measure: func() (paid, error) { return byPgbench(ctx, o, url, load.script) }},
			&contestant{name: "ledger", load: load.name, pid: self, measure: byWorkers(0)},
			&contestant{name: "pgbench, request", load: load.name, measure: func() (paid, error) { return byPgbench(ctx, o, url, load.request) }},
			&contestant{name: "graph", load: load.name, pid: payer.pid, measure: func() (paid, error) { return byGraph(ctx, o, payer, load.next) }})
		for _, workers := range []int{1, 3, 4} {
			if o.hasWorkers {
				all = append(all, &contestant{name: fmt.Sprintf("ledger, workers %d", workers), load: load.name, pid: self, measure: byWorkers(workers)})
			}
		}
	}
	return all
}

func measurePayments(ctx context.Context, o paymentOptions, url string, pool *pgxpool.Pool, payer *graphPayer) error {
	contestants, database := contestants(ctx, o, url, pool, payer), postmaster(ctx, url)
	before, start := machine(), time.Now()
	for round := range o.rounds + 1 {
		for _, c := range contestants {
			p, err := c.round(database)
			if err != nil {
				return err
			}
			if round > 0 { // the first fills caches
				c.rounds = append(c.rounds, p)
			}
		}
	}
	violations, err := ledger.Check(ctx, pool, slices.Concat(db.RequestInvariants, db.EventInvariants(start))...)
	if err != nil {
		return err
	}
	if len(violations) > 0 {
		return fmt.Errorf("the books are wrong: %v", violations[:min(5, len(violations))])
	}
	report, closeReport, err := o.report()
	if err != nil {
		return err
	}
	defer closeReport()
	fmt.Fprintf(report, "%s, %d accounts\n\n", before, paymentAccounts)
	fmt.Fprintf(report, "Payments by %d clients, medians of %d rounds of %s, in turns. pgbench calls a function in the database, once a payment, with the same\n", paymentClients, o.rounds, o.round)
	fmt.Fprintf(report, "statements; the ledger is called from this program. hot: every payment has one and the same account on one side. graph is createTransactionRequest over HTTP\n")
	fmt.Fprintf(report, "through the program in a process of its own, by the owners of the accounts; pgbench, request writes the same rows: key, request, event, total of the day, audit entry and news, too.\n")
	fmt.Fprintf(report, "CPU is processor time a payment: of the program (clients that are in it as well), and of Postgres.\n\n")
	fmt.Fprintf(report, "    load                      payments/s  lowest  highest  p50 ms  p99 ms  CPU ms  Postgres CPU ms  payments a transaction\n")
	medians := map[string]float64{}
	for _, c := range contestants {
		of := func(part func(paid) float64) []float64 {
			values := make([]float64, len(c.rounds))
			for i, p := range c.rounds {
				values[i] = part(p)
			}
			slices.Sort(values)
			return values
		}
		rates := of(func(p paid) float64 { return p.perSecond })
		middle := len(rates) / 2
		medians[c.name+c.load] = rates[middle]
		fmt.Fprintf(report, "  %6s  %-17s  %10.0f  %6.0f  %7.0f  %6.1f  %6s  %6s  %15.2f  %22s\n", c.load, c.name, rates[middle], rates[0], rates[len(rates)-1],
			of(func(p paid) float64 { return p.p50 })[middle], orDash(of(func(p paid) float64 { return p.p99 })[middle], 1), orDash(of(func(p paid) float64 { return p.own })[middle], 2),
			of(func(p paid) float64 { return p.database })[middle], orDash(of(func(p paid) float64 { return p.batch })[middle], 1))
	}
	for _, ours := range []struct{ name, limit string }{{"ledger", "pgbench"}, {"graph", "pgbench, request"}} {
		fmt.Fprintf(report, "\n  %s: random pairs %.2f of %s    hot account %.2f of its random pairs, %.2f of %s", ours.name,
			medians[ours.name+"random"]/medians[ours.limit+"random"], ours.limit, medians[ours.name+"hot"]/medians[ours.name+"random"],
			medians[ours.name+"hot"]/medians[ours.limit+"hot"], ours.limit)
	}
	fmt.Fprintf(report, "\n  graph: random pairs %.2f of pgbench without the request's rows\n", medians["graphrandom"]/medians["pgbenchrandom"])
	fmt.Fprintf(report, "  Afterwards the books were right: ledger.Check found nothing.\n")
	return nil
}

// orDash is a number with so many decimals, a dash for what was not measured.
func orDash(number float64, decimals int) string {
	if number == 0 {
		return "-"
	}
	return strconv.FormatFloat(number, 'f', decimals, 64)
}

func accountOf(number int64) ledger.Party {
	id, err := uuid.Parse(fmt.Sprintf("00000000-0000-7000-8000-%012x", number))
	if err != nil {
		panic(err) // there are no such numbers
	}
	return ledger.Party{BankID: "bench", AccountID: id}
}

func byLedger(ctx context.Context, o paymentOptions, pool *pgxpool.Pool, next pair, workers int) (paid, error) {
	var orders, transactions atomic.Int64
	l := ledger.New(pool, ledger.Options{Workers: workers, Explain: db.Known, Observe: func(number int, _ time.Duration, _ error) {
		orders.Add(int64(number))
		transactions.Add(1)
	}})
	defer l.Close()
	accounts := make([]ledger.Party, paymentAccounts+1)
	for i := range accounts {
		accounts[i] = accountOf(int64(i))
	}
	p, err := byClients(o, func() error {
		payer, payee := next()
		_, err := l.Do(ctx, ledger.Order{Deed: &ledger.Payment{
			TransactionID: uuid.Must(uuid.NewV7()), Type: "ACCOUNT", Description: "Measured", Payer: accounts[payer], Payee: accounts[payee],
			Amount: decimal.New(1, -2), Currency: "EUR",
		}})
		return err
	})
	p.batch = float64(orders.Load()) / float64(max(1, transactions.Load()))
	return p, err
}

var (
	pgbenchRate    = regexp.MustCompile(`tps = ([0-9.]+) `)
	pgbenchLatency = regexp.MustCompile(`latency average = ([0-9.]+) ms`)
)

// byPgbench runs pgbench. It tells no quantiles but in a log: its p50 is the mean here, and its p99 is left out.
func byPgbench(ctx context.Context, o paymentOptions, url, script string) (paid, error) {
	file, err := os.CreateTemp("", "pay-*.pgbench")
	if err != nil {
		return paid{}, err
	}
	defer os.Remove(file.Name()) //nolint:errcheck // it is a temporary file
	if _, err := file.WriteString(script); err != nil {
		return paid{}, err
	}
	if err := file.Close(); err != nil {
		return paid{}, err
	}
	command := exec.CommandContext(ctx, "pgbench", "-n", "-M", "prepared", "-c", strconv.Itoa(paymentClients), "-j", "2", //nolint:gosec // what it runs is above
		"-T", strconv.Itoa(int(o.round.Seconds())), "-f", file.Name(), url)
	output, err := command.CombinedOutput()
	if err != nil {
		return paid{}, fmt.Errorf("pgbench: %w: %s", err, output)
	}
	rate, latency := pgbenchRate.FindSubmatch(output), pgbenchLatency.FindSubmatch(output)
	if rate == nil || latency == nil {
		return paid{}, fmt.Errorf("pgbench says something else: %s", output)
	}
	perSecond, _ := strconv.ParseFloat(string(rate[1]), 64)
	mean, _ := strconv.ParseFloat(string(latency[1]), 64)
	return paid{perSecond: perSecond, p50: mean, batch: 1, payments: perSecond * o.round.Seconds()}, nil
}
