package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"bankgraph/db/dbtest"
	"bankgraph/models"
)

var (
	metricsTable   = regexp.MustCompile(`(?s)<!-- metrics -->\n(.*)<!-- end of metrics -->`)
	describedName  = regexp.MustCompile(`fqName: "(bankgraph_\w+)"`)
	operationsPage = "docs/operations.md"
)

// TestMetricsReference keeps the table of metrics true, and shows that each of them can be had.
func TestMetricsReference(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	d.ask("demo-admin", `{ customers { nodes { addresses { city } } } }`, nil)
	d.ask("", `{ viewer { user { id } } }`, nil)
	d.ask("", `{`, nil)
	if response, err := http.Get(d.url + "/files/gh.29.uk/kyfil_ByHZWbudRdzG3GoANw1aF/1"); err != nil || response.StatusCode != http.StatusNotFound {
		t.Fatal(response, err)
	}
	d.watch.Delivered("CHALLENGE_CODE_EMAIL", "delivered") // the door has no outbox
	d.watch.FollowerDropped(string(models.SlowConsumer))   // nobody was
	families, err := d.watch.Registry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	var table strings.Builder
	table.WriteString("| metric | type | labels | meaning |\n|---|---|---|---|\n")
	for _, family := range families {
		if !strings.HasPrefix(family.GetName(), "bankgraph_") {
			continue
		}
		names = append(names, family.GetName())
		var labels []string
		for _, label := range family.GetMetric()[0].GetLabel() {
			labels = append(labels, "`"+label.GetName()+"`")
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", family.GetName(), strings.ToLower(family.GetType().String()), strings.Join(labels, ", "), family.GetHelp())
	}
	descriptions := make(chan *prometheus.Desc, 1000)
	d.watch.Registry().Describe(descriptions)
	close(descriptions)
	for description := range descriptions {
		if match := describedName.FindStringSubmatch(description.String()); match != nil && !slices.Contains(names, match[1]) {
			t.Errorf("%s is registered, and nothing was seen of it", match[1])
		}
	}
	page, err := os.ReadFile(operationsPage)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		fresh := metricsTable.ReplaceAllLiteralString(string(page), "<!-- metrics -->\n"+table.String()+"<!-- end of metrics -->")
		if err := os.WriteFile(operationsPage, []byte(fresh), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if match := metricsTable.FindStringSubmatch(string(page)); match == nil || match[1] != table.String() {
		t.Errorf("%s: write the table with `make generate` (-page +metrics):\n%s", operationsPage, cmp.Diff(match, []string{"", table.String()}))
	}
}

// freeAddress is one that nobody uses at the moment.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// TestTheProgramIsSeenFromOutside has a program send its traces to a collector, and asks both of its addresses for metrics.
func TestTheProgramIsSeenFromOutside(t *testing.T) {
	t.Parallel()
	sent := make(chan string, 100)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sent <- r.URL.Path + string(body)
	}))
	defer collector.Close()
	metrics := freeAddress(t)
	p := startProgramWith(t, []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + collector.URL}, "--addr", "127.0.0.1:0", "--metrics-addr", metrics,
		"--data-dir", dataDir(t), "--database-url", dbtest.URL(t, true), "--log-format", "json")
	base := strings.TrimSpace(p.until(t, `GraphQL +(http\S+)/graphql`))
	if answer := query(t, base, "", `query Banks { banks { bankId } }`); len(answer.codes()) != 1 {
		t.Error(string(answer.raw)) // an empty token holds nothing
	}
	d := &door{t: t, url: base}
	if answer := d.askWith("", `query Banks { banks { bankId } }`, nil); len(answer.Errors) > 0 {
		t.Error(string(answer.raw))
	}
	for address, want := range map[string]int{base + "/metrics": 404, "http://" + metrics + "/metrics": 200, "http://" + metrics + "/graphql": 404} {
		response, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(response.Body)
		response.Body.Close()
		isThere := strings.Contains(string(text), `bankgraph_operations_total{operation="other",status="succeeded",type="query"} 1`)
		if response.StatusCode != want || isThere != (want == 200) {
			t.Errorf("%s answers %d: %.300s", address, response.StatusCode, text)
		}
	}
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("%v: %s", err, p.errors)
	}
	log := p.errors.String()
	for _, part := range []string{`"msg":"metrics are served"`, `"reason":"UNAUTHENTICATED"`, `"operation":"Banks","type":"query","caller":"nobody"`, `"traceId":"`} {
		if strings.Count(log, part) == 0 {
			t.Errorf("no %s in\n%s", part, log)
		}
	}
	close(sent)
	var spans strings.Builder
	for request := range sent {
		spans.WriteString(request)
	}
	for _, part := range []string{"/v1/traces", "query other", "SELECT bank", "POST /graphql"} {
		if !strings.Contains(spans.String(), part) {
			t.Errorf("no %q among the spans", part)
		}
	}
}
