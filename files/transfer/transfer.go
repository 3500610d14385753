// Package transfer is where the contents of files come and go, over HTTP and by links that the graph hands out: PUT takes one, GET gives
// one. A link says all that there is to know, so no token is asked for; whatever is wrong with one, the answer is the same.
//
// What always holds: no content is in memory whole; an upload that ends early leaves nothing; no line of the log has a link, a name or
// a word of a content; and nothing that is given can run where it is opened.
package transfer

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"time"

	"bankgraph/auth"
	"bankgraph/bank"
	"bankgraph/files"
	"bankgraph/graph"
	"bankgraph/models"
	"bankgraph/telemetry"
)

// Options are what the endpoints are given.
type Options struct {
	Verbs     *bank.Bank
	Log       *slog.Logger
	Telemetry *telemetry.Telemetry // nil for nobody who watches
	Draining  <-chan struct{}      // closed when the server is about to stop; nil for never
	Times     Times
	Seats     Seats
}

// Times are how long a transfer may take.
type Times struct {
	Whole time.Duration // all of it
	Pause time.Duration // without a byte
	Grace time.Duration // after the server was told to stop
}

// UsualTimes let 20 MiB through a line of 300 kbit/s, and end before the server itself does (15 s after it was told to).
var UsualTimes = Times{Whole: 10 * time.Minute, Pause: 15 * time.Second, Grace: 10 * time.Second}

// Seats are how many transfers run at once in one direction, and how many of them are of one user.
type Seats struct{ All, Each int }

// UsualSeats hold some megabytes, and leave room for others beside whoever takes all that they get.
var UsualSeats = Seats{All: 64, Each: 16}

type endpoints struct {
	Options

	uploads, downloads *seats
}

// Handler answers at /files/.
func Handler(o Options) http.Handler {
	if o.Times == (Times{}) {
		o.Times = UsualTimes
	}
	if o.Seats == (Seats{}) {
		o.Seats = UsualSeats
	}
	e := &endpoints{o, newSeats(o.Seats), newSeats(o.Seats)}
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /files/{bank}/{file}/{version}", e.watched("upload", e.upload))
	mux.HandleFunc("GET /files/{bank}/{file}/{version}", e.watched("download", e.download))
	return mux
}

// answer is what came of a request.
type answer struct {
	status int
	code   models.Code // empty when it was done
	bytes  int64
	caller string
	cause  error // for the log
}

// watched counts and logs what came of requests in one direction.
func (e *endpoints) watched(direction string, do func(w http.ResponseWriter, r *http.Request) answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		began, ended := time.Now(), e.Telemetry.TransferStarted(direction)
		defer ended()
		a := do(w, r)
		e.Telemetry.Transferred(direction, a.outcome())
		level, line := slog.LevelInfo, []slog.Attr{
			slog.String("direction", direction), slog.String("outcome", a.outcome()), slog.Int("httpStatus", a.status),
			slog.Int64("bytes", a.bytes), slog.Float64("durationMilliseconds", float64(time.Since(began).Microseconds())/1000),
		}
		if a.code != "" {
			line = append(line, slog.String("code", string(a.code)))
		}
		if a.caller != "" {
			line = append(line, slog.String("caller", a.caller))
		}
		if a.cause != nil {
			level = slog.LevelError
			line = append(line, slog.String("fault", Fault(a.cause)))
		}
		e.Log.LogAttrs(r.Context(), level, "file transfer", line...)
	}
}

// Fault is a failure for the log: what a store says of itself, and of all others their types.
func Fault(err error) string {
	if errors.Is(err, files.ErrUnavailable) {
		return files.Fault(err)
	}
	return graph.Describe(err)
}

// outcome is one of few words.
func (a answer) outcome() string {
	switch a.code { //nolint:exhaustive // all others are refusals
	case "":
		return "succeeded"
	case models.Unavailable:
		return "unavailable"
	case models.Timeout:
		return "interrupted"
	case models.Internal:
		return "failed"
	}
	return "refused"
}

// refusal is what a client reads when nothing came of a request.
type refusal struct {
	Code          models.Code `json:"code"`
	Message       string      `json:"message"`
	Retryable     bool        `json:"retryable"`
	CorrelationID string      `json:"correlationId"`
}

// Where the store or the server is not there, clients are asked to wait for so many seconds.
const retryAfter = 5

// refuse answers a request of which nothing came.
func (e *endpoints) refuse(ctx context.Context, w http.ResponseWriter, err error) answer {
	known := e.meaning(err)
	a := answer{code: known.Code, cause: known.Err, status: statusOf(err, known.Code)}
	if a.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
	}
	if known.Code == models.Internal {
		a.cause = err
		known = models.Errorf(models.Internal, "internal error")
	}
	send(w, a.status, refusal{known.Code, known.Message, known.Code.IsRetryable(), auth.Correlation(ctx).String()})
	return a
}

// meaning is an error with a sentence for the client.
func (e *endpoints) meaning(err error) *models.Error {
	var known *models.Error
	switch {
	case errors.As(err, &known) && (known.Code == models.Forbidden || known.Code == models.Unauthenticated):
		return models.Errorf(models.NotFound, noSuchLink) // a role was taken meanwhile
	case errors.As(err, &known) && known.Code == models.NotFound:
		return models.Errorf(models.NotFound, noSuchLink)
	case errors.As(err, &known):
		return known
	case errors.Is(err, files.ErrTooLarge):
		return models.Errorf(models.BadInput, "A file may have at most %d bytes.", files.MaxSize)
	case errors.Is(err, files.ErrDigest):
		return models.Errorf(models.BadInput, "The content has another SHA-256 than its header says: send it again.")
	case errors.Is(err, files.ErrContent):
		return models.Errorf(models.BadInput, "Only JPEG, PNG, WebP, HEIC, PDF and MP4 are taken: with the parts of their type from the first to the last, nothing behind their end, no markup in the first 3 KiB, and no archive.")
	case errors.Is(err, os.ErrDeadlineExceeded) && e.isDraining():
		return models.Errorf(models.Unavailable, "The server stops: send the file again.")
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return models.Errorf(models.Timeout, "The file came too slowly: send it again.")
	case errors.Is(err, errInterrupted):
		return models.Errorf(models.Timeout, "The file ended early: send it again.")
	}
	return models.Errorf(models.Internal, "internal error")
}

const noSuchLink = "This link leads to nothing, or is over: ask the graph for a new one."

func statusOf(err error, code models.Code) int {
	switch {
	case errors.Is(err, files.ErrTooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, files.ErrContent):
		return http.StatusUnsupportedMediaType
	}
	switch code { //nolint:exhaustive // the others do not come here
	case models.NotFound:
		return http.StatusNotFound
	case models.InvalidState, models.Policy:
		return http.StatusConflict
	case models.BadInput:
		return http.StatusBadRequest
	case models.Timeout:
		return http.StatusRequestTimeout
	case models.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

func send(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that is gone needs no answer
}

func (e *endpoints) isDraining() bool {
	select {
	case <-e.Draining:
		return true
	default:
		return false
	}
}
