package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"bankgraph/auth"
	"bankgraph/models"
)

// empty resolves what nobody needs a login for, to nothing: documents that are taken must not look like refused ones.
type empty struct{ ResolverRoot }

type emptyQuery struct{ QueryResolver }

func (empty) Query() QueryResolver { return emptyQuery{} }

func (emptyQuery) Bank(context.Context, string) (*models.Bank, error) { return nil, nil } //nolint:nilnil // there is none

func (emptyQuery) Banks(context.Context) ([]*models.Bank, error) { return nil, nil }

// emptyDoor is the whole door, with nothing behind it.
func emptyDoor(log *bytes.Buffer, changes ...func(*Options)) http.Handler {
	options := Options{
		Resolvers: empty{}, Verifier: auth.NewVerifier(), Log: slog.New(slog.NewJSONHandler(log, nil)),
		PerResponse: func(ctx context.Context) context.Context { return ctx },
		Limits:      DefaultLimits, Introspection: IntrospectionOn, Suggestions: true,
	}
	for _, change := range changes {
		change(&options)
	}
	return Handler(options)
}

func unlimitedBudget(o *Options) { o.Limits.Budget, o.Limits.Restore = 1<<40, 1<<40 }

// outcome is the first code in an answer, empty when it has none.
func outcome(answer []byte) string {
	_, after, _ := strings.Cut(string(answer), `"code":"`)
	code, _, _ := strings.Cut(after, `"`)
	return code
}

func post(handler http.Handler, body []byte) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	return answer
}

// allocated is how many bytes the program has ever taken.
func allocated() uint64 {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return memory.TotalAlloc
}

// The most that a hostile request may take and get.
const (
	mostAllocated = 16 << 20
	mostExplored  = 24 << 20 // for what tells the schema, which grows with it
	mostAnswered  = 10_000
)

// TestHostileRequests is not parallel: nothing else may take memory meanwhile.
func TestHostileRequests(t *testing.T) {
	var log bytes.Buffer
	door := emptyDoor(&log, unlimitedBudget)
	post(door, []byte(`{"query":"{ __typename }"}`)) // what is made only once
	for _, request := range hostileRequests() {
		t.Run(request.name, func(t *testing.T) {
			log.Reset()
			before := allocated()
			answer := post(door, request.body)
			taken := allocated() - before
			most := uint64(mostAllocated)
			if isExploring(request.name) {
				most = mostExplored
			}
			if taken > most {
				t.Errorf("it takes %d KiB", taken>>10)
			}
			if answer.Body.Len() > mostAnswered && !isExploring(request.name) {
				t.Errorf("the answer has %d bytes: %.300s", answer.Body.Len(), answer.Body)
			}
			checkHostileAnswer(t, answer)
			if log.Len() > 0 {
				t.Errorf("the log says %.300s", log.String())
			}
		})
	}
}

// isExploring is about introspection, which is long by nature and has a price.
func isExploring(name string) bool { return strings.HasPrefix(name, "G02 introspection") }

func checkHostileAnswer(t *testing.T, answer *httptest.ResponseRecorder) {
	t.Helper()
	var got struct {
		Data   map[string]any
		Errors []struct {
			Message    string
			Extensions struct{ Code models.Code }
		}
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil || answer.Code >= 500 {
		t.Fatalf("%d %v: %.300s", answer.Code, err, answer.Body)
	}
	for _, refusal := range got.Errors {
		switch refusal.Extensions.Code {
		case models.DocumentTooLarge, models.ParseFailed, models.ValidationFailed, models.BadInput, models.RateLimited, models.Unauthenticated:
		default:
			t.Errorf("%s: %.300s", refusal.Extensions.Code, refusal.Message)
		}
	}
}
