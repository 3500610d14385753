package graph

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"

	"bankgraph/models"
)

// crash is a panic, as an error.
type crash struct {
	fault  any
	origin string // function and line of ours where it happened
}

// Error names the place. What was thrown may hold anything, and is told by describe.
func (c *crash) Error() string { return "panic in " + c.origin }

// recovered turns a panic into an error, which the presenter logs and hides.
func recovered(_ context.Context, fault any) error {
	return &crash{fault, origin()}
}

// origin is the function of ours that is nearest to the panic, with its line.
func origin() string {
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers)])
	panicked := false
	for {
		frame, more := frames.Next()
		panicked = panicked || frame.Function == "runtime.gopanic"
		if panicked && strings.HasPrefix(frame.Function, "bankgraph/") {
			return fmt.Sprintf("%s:%d", frame.Function, frame.Line)
		}
		if !more {
			return "a library"
		}
	}
}

// harmless are errors whose words are fixed.
var harmless = []error{io.EOF, io.ErrUnexpectedEOF, context.Canceled, context.DeadlineExceeded}

// Describe says of an error what may stand in a log, for those who answer beside the graph.
func Describe(err error) string { return describe(err) }

// describe says of an error what may stand in a log: its types, the SQLSTATE, the place of a panic, and
// the words that our own code put around it. The words of others are left out: those of Postgres name rows and tables, and those
// of parsers and drivers repeat what they read.
func describe(err error) string {
	if err == nil {
		return ""
	}
	var several interface{ Unwrap() []error }
	var known *models.Error
	var state interface{ SQLState() string }
	var broken *crash
	switch {
	case is(err, &known):
		words := string(known.Code) // the sentence may repeat what the caller sent
		if known.Code == models.Internal {
			words = known.Message
		}
		return join(words, describe(known.Err))
	case is(err, &broken):
		return join(broken.Error(), describeThrown(broken.fault))
	case is(err, &state):
		return fmt.Sprintf("%T with SQLSTATE %s", err, state.SQLState())
	case is(err, &several):
		var parts []string
		for _, part := range several.Unwrap() {
			parts = append(parts, describe(part))
		}
		return strings.Join(parts, "; ")
	}
	inner := errors.Unwrap(err)
	switch {
	case inner != nil && strings.HasPrefix(fmt.Sprintf("%T", err), "*fmt.wrapError"):
		words, _ := strings.CutSuffix(err.Error(), inner.Error())
		return join(strings.TrimSuffix(words, ": "), describe(inner))
	case inner != nil:
		return join(fmt.Sprintf("%T", err), describe(inner))
	}
	for _, fixed := range harmless {
		if errors.Is(err, fixed) {
			return fixed.Error()
		}
	}
	return fmt.Sprintf("%T", err)
}

// is says whether an error itself, and not one inside it, is a T.
func is[T any](err error, target *T) bool {
	found, ok := err.(T)
	if ok {
		*target = found
	}
	return ok
}

// describeThrown is what may be said of a value that somebody panicked with. Those of Go itself say what index or
// type was wrong, and no more.
func describeThrown(fault any) string {
	switch fault := fault.(type) {
	case runtime.Error:
		return fault.Error()
	case error:
		return describe(fault)
	}
	return fmt.Sprintf("%T", fault)
}

func join(words, rest string) string {
	if words == "" || rest == "" {
		return words + rest
	}
	return words + ": " + rest
}
