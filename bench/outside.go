package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"bankgraph/auth"
)

// The names of the servers.
const (
	limitName = "limit" // one statement, finished JSON
	batchName = "batch" // structs, encoding/json
	graphName = "graph" // ours
)

// target is a server that runs in a process of its own.
type target struct {
	name string
	pid  int
	ask  asker
}

// fromOutside measures over HTTP what clients see and what processes use.
func fromOutside(ctx context.Context, o options, url string, l *library, report io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the processes
	targets, err := start(ctx, o, url, l)
	if err != nil {
		return err
	}
	if err := sameAnswers(ctx, l, targets); err != nil {
		return err
	}
	database := postmaster(ctx, url)
	for _, workload := range []string{one, pageOf50} {
		if o.workload != "" && o.workload != workload {
			continue
		}
		fmt.Fprintf(report, "\n%s, over HTTP, medians of %d rounds of %v, in turns; %s with authentication, metrics and a log in a file\n\n", titles[workload], o.rounds, o.round, graphName)
		table := tabwriter.NewWriter(report, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintln(table, "clients\tserver\trequests/s\tto limit\tp50 ms\tp99 ms\tserver CPU ms\tPostgres CPU ms\tCPU to limit\tbytes\t")
		for _, clients := range []int{1, 5, 16} {
			if err := rounds(ctx, o, l, targets, database, workload, clients, table); err != nil {
				return err
			}
		}
		_ = table.Flush() // the report is a screen and a file
	}
	return nil
}

var titles = map[string]string{
	one:      "one: a customer by number with all that hangs from them",
	pageOf50: "page: 50 customers with all that hangs from them",
}

// rounds asks all servers in turns, and prints the medians.
func rounds(ctx context.Context, o options, l *library, targets []target, database int, workload string, clients int, table io.Writer) error {
	found := map[string][]result{}
	for round := range o.rounds {
		for _, t := range targets {
			r, err := ask(ctx, load{t, l, workload, clients, o.round, uint64(round)}, database)
			if err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
			found[t.name] = append(found[t.name], r)
		}
	}
	for _, t := range targets {
		mine, ratios, work := found[t.name], make([]float64, o.rounds), make([]float64, o.rounds)
		for i := range mine {
			limit := found[limitName][i]
			ratios[i] = mine[i].perSecond() / limit.perSecond()
			// On a machine that others use, this is steadier than the number of requests.
			work[i] = limit.each(limit.server+limit.database) / mine[i].each(mine[i].server+mine[i].database)
		}
		fmt.Fprintf(table, "%d\t%s\t%.1f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.0f\t\n", clients, t.name, median(mine, result.perSecond), middle(ratios),
			median(mine, func(r result) float64 { return r.latency(0.50) }), median(mine, func(r result) float64 { return r.latency(0.99) }),
			median(mine, func(r result) float64 { return r.each(r.server) }), median(mine, func(r result) float64 { return r.each(r.database) }),
			middle(work),
			median(mine, func(r result) float64 { return float64(r.bytes) / float64(len(r.latencies)) }))
	}
	return nil
}

func median(all []result, of func(result) float64) float64 {
	values := make([]float64, len(all))
	for i, r := range all {
		values[i] = of(r)
	}
	return middle(values)
}

func middle(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// start starts all servers.
func start(ctx context.Context, o options, url string, l *library) ([]target, error) {
	var targets []target
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	for _, kind := range []string{limitName, batchName} {
		command := exec.CommandContext(ctx, self, "handler", "-kind", kind) //nolint:gosec // this program itself
		command.Env, command.Stderr = append(os.Environ(), "DATABASE_URL="+url), os.Stderr
		out, err := command.StdoutPipe()
		if err == nil {
			err = command.Start()
		}
		if err != nil {
			return nil, err
		}
		base, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("the server %s did not start: %w", kind, err)
		}
		targets = append(targets, target{kind, command.Process.Pid, askBaseline(strings.TrimSpace(base))})
	}
	ours, err := startGraph(ctx, o, url, l)
	return append(targets, ours), err
}

// startGraph starts our server, as somebody who may see everything asks it.
func startGraph(ctx context.Context, o options, url string, l *library) (target, error) {
	base, pid, err := startProgram(ctx, o, url)
	if err != nil {
		return target{}, err
	}
	token, err := adminToken(o)
	return target{graphName, pid, askGraph(l, base, token)}, err
}

// startProgram builds the program and starts it as a user would, but for the budget of a caller, which no benchmark fits into. It says where it answers.
func startProgram(ctx context.Context, o options, url string, more ...string) (base string, pid int, err error) {
	binary := filepath.Join(o.dataDir, "bankgraph-under-test")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "bankgraph") //nolint:gosec // a path of this program's own
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return "", 0, err
	}
	address, err := freeAddress(ctx)
	if err != nil {
		return "", 0, err
	}
	command := exec.CommandContext(ctx, binary, append([]string{"serve", "--addr", address, "--demo=on", "--data-dir", o.dataDir, //nolint:gosec // what was just built
		"--limit-budget=1000000000", "--limit-restore=100000000"}, more...)...)
	// It logs every operation as always; a terminal that scrolls would cost more than the line does.
	lines, err := os.Create(filepath.Join(o.dataDir, "bankgraph-under-test-"+address[strings.LastIndex(address, ":")+1:]+".log"))
	if err != nil {
		return "", 0, err
	}
	defer lines.Close() //nolint:errcheck // the program has it open
	command.Env, command.Stderr = append(os.Environ(), "DATABASE_URL="+url), lines
	if err := command.Start(); err != nil {
		return "", 0, err
	}
	base = "http://" + address
	return base, command.Process.Pid, ready(ctx, base+"/readyz")
}

// adminToken is a token of somebody who may see everything.
func adminToken(o options) (string, error) {
	development, err := auth.OpenDevelopment(o.dataDir)
	if err != nil {
		return "", err
	}
	return development.Token("demo-admin", 24*time.Hour)
}

func freeAddress(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

func ready(ctx context.Context, url string) error {
	pause := time.NewTicker(50 * time.Millisecond)
	defer pause.Stop()
	for range 400 {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-pause.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return errors.New("the server did not get ready")
}
