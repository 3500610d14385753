package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"bankgraph/auth"
	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/db/seed"
	"bankgraph/events"
	"bankgraph/files"
	"bankgraph/graph"
	"bankgraph/ledger"
	"bankgraph/mail"
	"bankgraph/models"
	"bankgraph/outbox"
	"bankgraph/resolvers"
	"bankgraph/telemetry"
)

// update writes golden files anew instead of comparing with them.
var update = flag.Bool("update", false, "write golden files anew")

// asProgram makes the test binary behave as the program itself, for the tests that start it.
const asProgram = "BANKGRAPH_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Args = append([]string{"bankgraph"}, os.Args[1:]...)
		main()
		return
	}
	flag.Parse()
	dbtest.Main(m, auth.RolesByScope)
}

// door is the real server over HTTP, on a database of the test's own.
type door struct {
	t      testing.TB
	url    string
	store  *db.Store
	tokens map[string]string // by user; "" is nobody
	log    *bytes.Buffer
	lines  *bytes.Buffer // one line an operation, and one a request that was refused
	watch  *telemetry.Telemetry
	spans  *tracetest.InMemoryExporter
	stop   func() // ends the server, so that all that it tells was told
	mint   func(user string) string
	verbs  *bank.Bank
	news   *events.Hub
	outbox string // the folder where mails go
	files  string // the folder where files are kept
}

func openDoor(t testing.TB, store *db.Store, changes ...func(*graph.Options)) *door {
	t.Helper()
	development, err := auth.OpenDevelopment(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	verifier := auth.NewVerifier()
	verifier.TrustKeys(auth.DevelopmentIssuer, auth.Audience, development.Keys())
	d := &door{t: t, store: store, tokens: map[string]string{"": ""}, log: &bytes.Buffer{}, outbox: t.TempDir()}
	d.mint = func(user string) string {
		token, err := development.Token(user, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	for _, user := range seed.Users() {
		d.tokens[user.Name] = d.mint(user.Name)
	}
	d.lines, d.spans = &bytes.Buffer{}, tracetest.NewInMemoryExporter()
	log := func(w io.Writer) *slog.Logger {
		return slog.New(telemetry.NewLogHandler(slog.NewJSONHandler(w, nil), graph.PersonalNames()))
	}
	if d.watch, err = telemetry.New(t.Context(), telemetry.Options{Log: log(d.lines), Exporter: d.spans}); err != nil {
		t.Fatal(err)
	}
	if err := d.watch.WatchPool(store.Pool().Stat); err != nil {
		t.Fatal(err)
	}
	drain := newDrain()
	post := bank.Post{Sender: mail.OpenOutbox(d.outbox), InvitationPage: "https://bank.example.com/invitation"}
	d.files = t.TempDir()
	kept, err := files.OpenLocal(d.files)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	d.verbs = bank.New(store).WithPost(post).WithFiles(bank.Files{Store: kept, Signer: files.NewSigner([][]byte{[]byte(testKey)})})
	box, err := outbox.New(store, outbox.Options{Keys: [][]byte{[]byte(testKey)}}) // it seals, and delivers nothing
	if err != nil {
		t.Fatal(err)
	}
	d.verbs = d.verbs.WithOutbox(box)
	books := ledger.New(store.Pool(), ledger.Options{Explain: db.Known})
	t.Cleanup(books.Close)
	d.verbs = d.verbs.WithLedger(books).WithCards(bank.Cards{Keys: [][]byte{[]byte(testKey)}}).WithChallenges(bank.Challenges{
		Keys: [][]byte{[]byte(testKey)}, Method: models.ChallengeMethodDummy, AllowDummy: true, Block: 15 * time.Minute, Failed: d.watch.ChallengeFailed,
	})
	d.news = openNews(t, store, "")
	d.verbs = d.verbs.WithNews(d.news)
	options := wiring(store, d.verbs, verifier, drain, d.watch, log(d.log))
	options.Introspection, options.Suggestions = graph.IntrospectionOn, true
	for _, change := range changes {
		change(&options)
	}
	d.verbs = resolverOf(&options).Verbs
	server := httptest.NewServer(routes(parts{options, store, d.verbs, http.NotFoundHandler(), drain}))
	t.Cleanup(server.Close)
	d.url, d.stop = server.URL, server.Close
	return d
}

// testKey signs the links of tests.
const testKey = "a key of a test, of 32 bytes...."

// resolverOf is what the door asks, for tests that give it something else to ask.
func resolverOf(o *graph.Options) *resolvers.Resolver { return o.Resolvers.(*resolvers.Resolver) }

// reply is an answer of the graph.
type reply struct {
	Data   map[string]json.RawMessage `json:"data"`
	Errors []struct {
		Message    string         `json:"message"`
		Path       []any          `json:"path"`
		Extensions map[string]any `json:"extensions"`
	} `json:"errors"`
	raw    []byte // without what it cost, which no two answers have in common
	cost   map[string]int
	status int
}

// costEntry is what an answer cost, with the comma or the braces that go with it.
var costEntry = regexp.MustCompile(`,"extensions":\{"cost":(\{[^}]*\})\}|"cost":(\{[^}]*\}),|,"cost":(\{[^}]*\})`)

// readReply reads an answer of the server.
func readReply(t testing.TB, response *http.Response) reply {
	t.Helper()
	defer response.Body.Close()
	answer := reply{status: response.StatusCode}
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.read(t, raw)
}

// read is the answer with this text.
func (r reply) read(t testing.TB, raw []byte) reply {
	t.Helper()
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatalf("%d %v in %q", r.status, err, raw)
	}
	r.raw = costEntry.ReplaceAll(raw, nil)
	if found := costEntry.FindSubmatch(raw); found != nil {
		if err := json.Unmarshal(slices.Concat(found[1:]...), &r.cost); err != nil {
			t.Fatalf("%v in %s", err, raw)
		}
	}
	return r
}

// ask sends a request as a user, nobody when user is empty. Of a subscription it is the first thing that is said.
func (d *door) ask(user, query string, variables map[string]any) reply {
	d.t.Helper()
	token, known := d.tokens[user]
	if !known {
		d.t.Fatalf("there is no demo user %q", user)
	}
	header := ""
	if token != "" {
		header = "Bearer " + token
	}
	return d.askWith(header, query, variables)
}

func (d *door) askWith(authorization, query string, variables map[string]any) reply {
	d.t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		d.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, d.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	if isSubscription(query) {
		request.Header.Set("Accept", "text/event-stream")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") {
		return firstReply(d.t, response)
	}
	return readReply(d.t, response)
}

// codes are the codes of an answer's errors.
func (r reply) codes() []string {
	codes := []string{}
	for _, e := range r.Errors {
		code, _ := e.Extensions["code"].(string)
		codes = append(codes, code)
	}
	return codes
}

// find reads a value inside the data by its path.
func (r reply) find(t testing.TB, path ...string) any {
	t.Helper()
	var value any
	if err := json.Unmarshal(r.Data[path[0]], &value); err != nil {
		t.Fatalf("%v in %s", err, r.raw)
	}
	for _, step := range path[1:] {
		object, ok := value.(map[string]any)
		if !ok {
			t.Fatalf("no %s in %s", step, r.raw)
		}
		value = object[step]
	}
	return value
}

// golden compares with a file of testdata, or writes it with -update.
func golden(t testing.TB, got []byte, path ...string) {
	t.Helper()
	file := filepath.Join(append([]string{"testdata"}, path...)...)
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v: write it with `make golden`", err)
	}
	if difference := cmp.Diff(string(want), string(got)); difference != "" {
		t.Errorf("%s (-want +got):\n%s", file, difference)
	}
}
